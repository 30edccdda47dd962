#include "controller/target/maelstrom_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace fracas::controller::maelstrom {
namespace {

using model::EventType;
using model::Function;
using nlohmann::json;

constexpr std::int64_t kElementsMax = 10'000'000;  // of a key's set
constexpr int kNoSuchKey = 20;

std::int64_t key_number(const std::string& key) {
  return std::strtoll(key.c_str() + (key.empty() ? 0 : 1), nullptr, 10);
}

std::int64_t element_of(const Call& call) {
  return key_number(call.key) * kElementsMax + std::get<std::int64_t>(call.value);
}

json value_json(const Call& call) {
  return json::parse(model::to_json(call.value), nullptr, false);
}

json key_value_body(const Call& call) {
  const std::int64_t key = key_number(call.key);
  if (call.function == Function::write) return {{"type", "write"}, {"key", key}, {"value", value_json(call)}};
  if (call.function != Function::cas) return {{"type", "read"}, {"key", key}};
  const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
  return {{"type", "cas"}, {"key", key}, {"from", expected}, {"to", desired}};
}

json log_body(const Call& call) {
  if (call.function == Function::append) return {{"type", "send"}, {"key", call.key}, {"msg", value_json(call)}};
  return {{"type", "poll"}, {"offsets", {{call.key, value_json(call)}}}};
}

json request_of(Protocol protocol, const Call& call) {
  const bool reads = call.function == Function::read;
  switch (protocol) {
    case Protocol::echo:
      return {{"type", "echo"}, {"echo", value_json(call)}};
    case Protocol::unique_ids:
      return {{"type", "generate"}};
    case Protocol::broadcast:
      if (!reads) return {{"type", "broadcast"}, {"message", element_of(call)}};
      break;
    case Protocol::g_set:
      if (!reads) return {{"type", "add"}, {"element", element_of(call)}};
      break;
    case Protocol::counter:
      if (!reads) return {{"type", "add"}, {"delta", value_json(call)}};
      break;
    case Protocol::lin_kv:
      return key_value_body(call);
    case Protocol::txn:
      return {{"type", "txn"}, {"txn", value_json(call)}};
    case Protocol::kafka:
      return log_body(call);
  }
  return {{"type", "read"}};
}

// The elements of the call's key among those of all keys.
model::Value elements_of(const json& list, const std::string& key) {
  std::vector<std::int64_t> own;
  for (const json& item : list)
    if (item.is_number_integer() && item.get<std::int64_t>() / kElementsMax == key_number(key))
      own.push_back(item.get<std::int64_t>() % kElementsMax);
  return own;
}

model::Value value_at(const json& body, const char* member, Function function) {
  const auto found = body.find(member);
  return found == body.end() ? model::Value() : model::value_of_json(found->dump(), function);
}

// Nothing where the answer lacks what was asked for.
std::optional<model::Value> result_of(Protocol protocol, const Call& call, const json& body) {
  const auto need = [&](const char* member) -> std::optional<model::Value> {
    if (!body.contains(member)) return std::nullopt;
    return value_at(body, member, call.function);
  };
  const bool reads = call.function == Function::read;
  switch (protocol) {
    case Protocol::echo:
      return need("echo");
    case Protocol::unique_ids:
      return need("id");
    case Protocol::broadcast:
    case Protocol::g_set: {
      const char* const member = protocol == Protocol::broadcast ? "messages" : "value";
      if (!reads) return model::Value();
      if (!body.value(member, json()).is_array()) return std::nullopt;
      return elements_of(body[member], call.key);
    }
    case Protocol::counter:
    case Protocol::lin_kv:
      return reads ? need("value") : model::Value();
    case Protocol::txn:
      return need("txn");
    case Protocol::kafka: {
      if (call.function == Function::append) return need("offset");
      const json messages = body.value("msgs", json());
      if (!messages.is_object()) return std::nullopt;
      return model::value_of_json(messages.value(call.key, json::array()).dump(), call.function);
    }
  }
  return std::nullopt;
}

bool is_definite(int code) {
  static constexpr std::array<int, 9> kDefinite{1, 10, 11, 12, 14, 20, 21, 22, 30};
  return std::ranges::find(kDefinite, code) != kDefinite.end();
}

Answer error_of(Protocol protocol, const Call& call, const json& body) {
  const int code = body.value("code", json()).is_number_integer() ? body["code"].get<int>() : 0;
  Answer answer;
  if (protocol == Protocol::lin_kv && call.function == Function::read && code == kNoSuchKey) {
    answer.type = EventType::ok;
    return answer;
  }
  if (is_definite(code)) answer.type = EventType::fail;
  const json text = body.value("text", json());
  answer.error = fmt::format("error {}: {}", code, text.is_string() ? text.get<std::string>() : "");
  return answer;
}

}  // namespace

std::string body_of(Protocol protocol, const Call& call, std::uint64_t msg_id) {
  json body = request_of(protocol, call);
  body["msg_id"] = msg_id;
  return body.dump();
}

Answer answer_of(Protocol protocol, const Call& call, const std::string& text) {
  const json body = json::parse(text, nullptr, false);
  const json type = body.is_object() ? body.value("type", json()) : json();
  if (type == "error") return error_of(protocol, call, body);
  const std::string wanted = request_of(protocol, call)["type"].get<std::string>() + "_ok";
  Answer answer;
  auto result = type == wanted ? result_of(protocol, call, body) : std::nullopt;
  if (!result) {
    answer.error = fmt::format("the answer is no {}: {}", wanted, text.substr(0, 80));
    return answer;
  }
  answer.type = EventType::ok;
  answer.value = *std::move(result);
  return answer;
}

}  // namespace fracas::controller::maelstrom
