#include "controller/target/redis_calls.h"

#include <array>
#include <cstdlib>
#include <string_view>

namespace fracas::controller::redis {
namespace {

using model::EventType;
using model::Function;

constexpr const char* kCompareAndSet =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0";
constexpr const char* kDrain = "local all = redis.call('LRANGE', KEYS[1], 0, -1) redis.call('DEL', KEYS[1]) return all";

std::string number_in(const Call& call) {
  return std::to_string(std::get<std::int64_t>(call.value));
}

std::vector<std::string> read_of(const std::string& key, Shape shape) {
  if (shape == Shape::list) return {"LRANGE", key, "0", "-1"};
  if (shape == Shape::set) return {"SMEMBERS", key};
  return {"GET", key};
}

}  // namespace

std::vector<std::string> command_of(const Call& call, Shape shape) {
  switch (call.function) {
    case Function::write:
      return {"SET", call.key, number_in(call)};
    case Function::append:
    case Function::enqueue:
      return {"RPUSH", call.key, number_in(call)};
    case Function::add:
      return {shape == Shape::counter ? "INCRBY" : "SADD", call.key, number_in(call)};
    case Function::dequeue:
      return {"LPOP", call.key};
    case Function::drain:
      return {"EVAL", kDrain, "1", call.key};
    case Function::cas: {
      const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
      return {"EVAL", kCompareAndSet, "1", call.key, std::to_string(expected), std::to_string(desired)};
    }
    default:
      return read_of(call.key, shape);
  }
}

Answer answer_of(const Call& call, Shape shape, const RedisReply& reply) {
  Answer answer{.type = EventType::ok, .value = {}, .node = {}, .error = {}};
  if (reply.kind == RedisReply::Kind::error) {
    answer.type = EventType::fail;
    answer.error = reply.text;
  } else if (call.function == Function::cas && reply.number() == 0) {
    answer.type = EventType::fail;
    answer.error = "mismatch";
  } else if (call.function == Function::read || call.function == Function::dequeue ||
             call.function == Function::drain) {
    if (reply.kind == RedisReply::Kind::list) answer.value = reply.numbers();
    if (reply.kind == RedisReply::Kind::text) answer.value = reply.number();
    // A counter that nobody touched has no key.
    if (reply.kind == RedisReply::Kind::nothing && shape == Shape::counter) answer.value = std::int64_t{0};
  }
  return answer;
}

bool should_ask_another(const RedisReply& error) {
  static constexpr std::array<std::string_view, 7> kElsewhere{"READONLY",    "NOREPLICAS", "LOADING", "MASTERDOWN",
                                                              "CLUSTERDOWN", "MOVED",      "TRYAGAIN"};
  if (error.kind != RedisReply::Kind::error) return false;
  for (const std::string_view word : kElsewhere)
    if (error.text.starts_with(word)) return true;
  return false;
}

std::optional<RedisConnection::Address> moved_to(const RedisReply& error) {
  if (error.kind != RedisReply::Kind::error || !error.text.starts_with("MOVED ")) return std::nullopt;
  const std::size_t space = error.text.rfind(' ');
  const std::size_t colon = error.text.rfind(':');
  if (colon == std::string::npos || colon < space) return std::nullopt;
  return RedisConnection::Address{.host = error.text.substr(space + 1, colon - space - 1),
                                  .port = std::atoi(error.text.c_str() + colon + 1)};
}

bool linked_replica(const RedisReply& entry) {
  const auto is = [&](std::string_view field, std::string_view value) {
    for (std::size_t i = 0; i + 1 < entry.list.size(); i += 2)
      if (entry.list[i].text == field) return entry.list[i + 1].text == value;
    return false;
  };
  return is("flags", "slave") && is("master-link-status", "ok");
}

}  // namespace fracas::controller::redis
