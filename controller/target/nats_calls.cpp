#include "controller/target/nats_calls.h"

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "controller/target/base64.h"

namespace fracas::controller::nats {
namespace {

using model::EventType;
using nlohmann::json;

constexpr int kNoMessage = 10037;
constexpr int kOtherSequence = 10071;
constexpr int kStoreFailed = 10077;

std::string subject_of(const std::string& key) {
  return std::string(kStream) + "." + key;
}

std::string interface(const char* call) {
  return std::string("$JS.API.STREAM.") + call + "." + kStream;
}

json parse(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

// What an answer says went wrong; code 0: nothing did.
struct Complaint {
  int code = 0;
  std::string text;
};
Complaint complaint_in(const json& reply) {
  const auto found = reply.find("error");
  if (found == reply.end() || !found->is_object()) return {};
  return {.code = found->value("err_code", -1), .text = found->value("description", "an error without a text")};
}

}  // namespace

NatsRequest create_stream(std::uint32_t replicas) {
  const json config{{"name", kStream},
                    {"subjects", {subject_of(">")}},
                    {"num_replicas", replicas},
                    {"retention", "limits"},
                    {"storage", "file"}};
  return {.subject = interface("CREATE"), .body = config.dump()};
}

NatsRequest stream_info() {
  return {.subject = interface("INFO")};
}

NatsRequest publish(const std::string& key, std::int64_t value) {
  return {.subject = subject_of(key), .body = std::to_string(value)};
}

NatsRequest last_message(const std::string& key) {
  return {.subject = interface("MSG.GET"), .body = json{{"last_by_subj", subject_of(key)}}.dump()};
}

NatsRequest next_message(const std::string& key, std::uint64_t sequence) {
  return {.subject = interface("MSG.GET"), .body = json{{"seq", sequence}, {"next_by_subj", subject_of(key)}}.dump()};
}

StreamState stream_state(const std::string& reply) {
  const json answer = parse(reply);
  if (const Complaint complaint = complaint_in(answer); complaint.code != 0)
    return {.leader = {}, .error = complaint.text};
  const auto cluster = answer.find("cluster");
  if (cluster == answer.end() || !cluster->is_object()) return {.leader = {}, .error = "the stream has no cluster"};
  StreamState state{.leader = cluster->value("leader", ""), .current = 1};
  if (state.leader.empty()) return {.leader = {}, .error = "the stream has no leader"};
  for (const json& replica : cluster->value("replicas", json::array()))
    if (replica.is_object() && replica.value("current", false)) ++state.current;
  return state;
}

Found found_in(const std::string& reply) {
  const json answer = parse(reply);
  if (const Complaint complaint = complaint_in(answer); complaint.code != 0)
    return {.kind = complaint.code == kNoMessage ? Found::Kind::nothing : Found::Kind::error, .error = complaint.text};
  const auto message = answer.find("message");
  if (message == answer.end() || !message->is_object()) return {.error = "an answer that is none of JetStream's"};
  return {.kind = Found::Kind::message,
          .sequence = message->value("seq", std::uint64_t{0}),
          .value = std::strtoll(from_base64(message->value("data", "")).c_str(), nullptr, 10)};
}

Answer answer_to_publication(const std::string& reply) {
  const json answer = parse(reply);
  const Complaint complaint = complaint_in(answer);
  if (complaint.code == kOtherSequence) return {.type = EventType::fail, .error = "mismatch"};
  if (complaint.code == kStoreFailed) return {.type = EventType::info, .error = complaint.text};
  if (complaint.code != 0) return {.type = EventType::fail, .error = complaint.text};
  if (!answer.contains("seq")) return {.type = EventType::info, .error = "an answer that is none of JetStream's"};
  return {.type = EventType::ok};
}

Answer answer_without_reply(const Error& error) {
  const bool certain = error.code == ECONNREFUSED || error.code == ENOENT;
  return {.type = certain ? EventType::fail : EventType::info, .error = error.message};
}

}  // namespace fracas::controller::nats
