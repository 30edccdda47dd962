#include "controller/target/etcd_calls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "controller/target/base64.h"
#include "controller/target/number_text.h"

namespace fracas::controller::etcd {
namespace {

using model::EventType;
using model::Function;
using nlohmann::json;

json put_of(const std::string& key, std::int64_t value) {
  return {{"key", base64(key)}, {"value", base64(std::to_string(value))}};
}

// Everything that begins with `prefix`, which ends with a slash: up to the character after it.
json range_below(const std::string& prefix) {
  std::string end = prefix;
  end.back() = '0';
  static_assert('/' + 1 == '0');
  return {{"key", base64(prefix)}, {"range_end", base64(end)}};
}

json parse(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::string text_at(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::int64_t> numbers_of(const std::string& text) {
  std::vector<std::int64_t> list;
  std::istringstream numbers(text);
  for (std::int64_t number = 0; numbers >> number;) list.push_back(number);
  return list;
}

// What a range of one key, or of a set's elements, found; nothing where it found nothing.
model::Value read_value(const json& reply, Shape shape) {
  const json pairs = reply.value("kvs", json::array());
  if (pairs.empty()) return {};
  if (shape == Shape::single) return number_of(from_base64(text_at(pairs.front(), "value")));
  if (shape == Shape::list) return numbers_of(from_base64(text_at(pairs.front(), "value")));
  std::vector<std::int64_t> elements;
  for (const json& pair : pairs) elements.push_back(number_of(from_base64(text_at(pair, "value"))));
  return elements;
}

}  // namespace

std::optional<Request> request_of(const Call& call, Shape shape, bool serializable) {
  switch (call.function) {
    case Function::read: {
      json range = shape == Shape::set ? range_below(call.key + "/") : json{{"key", base64(call.key)}};
      range["serializable"] = serializable;
      return Request{"/v3/kv/range", range.dump()};
    }
    case Function::write:
      return Request{"/v3/kv/put", put_of(call.key, std::get<std::int64_t>(call.value)).dump()};
    case Function::add: {
      const auto element = std::get<std::int64_t>(call.value);
      return Request{"/v3/kv/put", put_of(fmt::format("{}/{}", call.key, element), element).dump()};
    }
    case Function::cas: {
      const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
      const json compare{{"result", "EQUAL"},
                         {"target", "VALUE"},
                         {"key", base64(call.key)},
                         {"value", base64(std::to_string(expected))}};
      const json txn{{"compare", json::array({compare})},
                     {"success", json::array({json{{"request_put", put_of(call.key, desired)}}})}};
      return Request{"/v3/kv/txn", txn.dump()};
    }
    default:
      return std::nullopt;
  }
}

Answer answer_of(const Call& call, Shape shape, const std::string& body) {
  const json reply = parse(body);
  Answer answer;
  if (!reply.contains("header")) {
    answer.error = "an answer that is none of etcd's";
    return answer;
  }
  answer.type = EventType::ok;
  if (call.function == Function::cas && !succeeded(body)) {
    answer.type = EventType::fail;
    answer.error = "mismatch";
  }
  if (call.function == Function::read) answer.value = read_value(reply, shape);
  return answer;
}

std::string error_text(const std::string& body) {
  const std::string text = text_at(parse(body), "error");
  return text.empty() ? "an error without a text" : text;
}

bool is_definite(long status, const std::string& body) {
  // Refused before anything was proposed to the cluster. "request timed out" and "leader changed" are not among them.
  static constexpr std::array<std::string_view, 5> kRefusals{"no leader", "too many requests", "not capable",
                                                             "no space", "learner"};
  if (status == 400 || status == 404) return true;
  const std::string text = error_text(body);
  return std::ranges::any_of(kRefusals,
                             [&](std::string_view refusal) { return text.find(refusal) != std::string::npos; });
}

Request list_read(const std::string& key) {
  return {"/v3/kv/range", json{{"key", base64(key)}}.dump()};
}

std::optional<ListRead> list_of(const std::string& body) {
  const json reply = parse(body);
  if (!reply.contains("header")) return std::nullopt;
  ListRead read{.list = {}, .revision = "0"};
  for (const json& pair : reply.value("kvs", json::array())) {
    read.revision = text_at(pair, "mod_revision");
    read.list = numbers_of(from_base64(text_at(pair, "value")));
  }
  return read;
}

Request list_write(const std::string& key, const ListRead& list) {
  const json compare{{"result", "EQUAL"}, {"target", "MOD"}, {"key", base64(key)}, {"mod_revision", list.revision}};
  const json put{{"key", base64(key)}, {"value", base64(fmt::format("{}", fmt::join(list.list, " ")))}};
  return {"/v3/kv/txn",
          json{{"compare", json::array({compare})}, {"success", json::array({json{{"request_put", put}}})}}.dump()};
}

bool succeeded(const std::string& body) {
  return parse(body).value("succeeded", false);
}

Leadership leadership_of(const std::string& body) {
  const json reply = parse(body);
  Leadership found{.leader = text_at(reply, "leader"), .member = {}};
  if (reply.contains("header")) found.member = text_at(reply["header"], "member_id");
  return found;
}

}  // namespace fracas::controller::etcd
