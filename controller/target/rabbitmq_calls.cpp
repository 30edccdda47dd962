#include "controller/target/rabbitmq_calls.h"
#include "controller/target/number_text.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace fracas::controller::rabbitmq {
namespace {

using model::EventType;
using model::Function;
using nlohmann::json;

EventType type_of(AmqpConnection::Outcome outcome) {
  switch (outcome) {
    case AmqpConnection::Outcome::done:
      return EventType::ok;
    case AmqpConnection::Outcome::returned:
    case AmqpConnection::Outcome::refused:
      return EventType::fail;
    case AmqpConnection::Outcome::unknown:
      break;
  }
  return EventType::info;
}

}  // namespace

Answer answer_of(const Call& call, const AmqpConnection::Reply& reply) {
  Answer answer{.type = type_of(reply.outcome), .error = reply.error};
  if (answer.type != EventType::ok || call.function == Function::enqueue) return answer;
  std::vector<std::int64_t> numbers;
  for (const std::string& message : reply.messages) numbers.push_back(number_of(message));
  if (call.function == Function::drain) {
    answer.value = std::move(numbers);
  } else if (!numbers.empty()) {
    answer.value = numbers.front();
  }
  return answer;
}

std::size_t running_in(const std::string& body) {
  const json nodes = json::parse(body, nullptr, false);
  if (!nodes.is_array()) return 0;
  std::size_t running = 0;
  for (const json& node : nodes)
    if (node.is_object() && node.value("running", false)) ++running;
  return running;
}

QueueState queue_state(const std::string& body) {
  const json queue = json::parse(body, nullptr, false);
  if (!queue.is_object()) return {};
  const auto text = [&](const char* member) {
    const auto found = queue.find(member);
    return found != queue.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto size = [&](const char* member) {
    const auto found = queue.find(member);
    return found != queue.end() && found->is_array() ? found->size() : 0;
  };
  if (text("type") == "quorum") return {.leader = text("leader"), .copies = size("online")};
  const std::string leader = text("node");
  return {.leader = leader, .copies = leader.empty() ? 0 : 1 + size("synchronised_slave_nodes")};
}

}  // namespace fracas::controller::rabbitmq
