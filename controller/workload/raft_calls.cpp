#include "controller/workload/raft_calls.h"

#include <utility>
#include <variant>
#include <vector>

#include "controller/workload/call_events.h"

namespace fracas::controller {
namespace {

model::Value value_of(const raft::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  return {};
}

}  // namespace

std::optional<raft::Operation> raft_operation(const Call& call) {
  switch (call.function) {
    case model::Function::read:
      break;
    case model::Function::write:
      return raft::Put{std::get<std::int64_t>(call.value)};
    case model::Function::add:  // a set is a list whose order nobody looks at
    case model::Function::append:
      return raft::Append{std::get<std::int64_t>(call.value)};
    case model::Function::increment:
      return raft::Acquire{};
    case model::Function::cas: {
      const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
      return raft::Cas{expected, desired};
    }
    default:
      break;
  }
  return std::nullopt;
}

std::optional<raft::Operation> raft_second_operation(const Call& call, const raft::CallResult& first) {
  if (call.function != model::Function::increment || first.outcome != raft::Outcome::ok) return std::nullopt;
  const auto* granted = std::get_if<std::vector<std::int64_t>>(&first.value);
  if (granted == nullptr || granted->size() != 2) return std::nullopt;
  return raft::GuardedPut{.value = granted->at(1) + std::get<std::int64_t>(call.value), .token = granted->at(0)};
}

Duration raft_timeout(const Call& call, Duration timeout) {
  return call.function == model::Function::increment ? timeout / 2 : timeout;
}

Answer answer_of(model::Function function, raft::CallResult result) {
  const bool reads = function == model::Function::read;
  return {.type = event_type(result.outcome),
          .value = reads ? value_of(result.value) : model::Value{},
          .node = std::move(result.node),
          .error = std::move(result.reason)};
}

}  // namespace fracas::controller
