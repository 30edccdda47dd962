#include "controller/workload/raft_calls.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "controller/workload/call_events.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

using nlohmann::json;
using raft::Batch;
using raft::Step;

model::Value value_of(const raft::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  return {};
}

json json_of(const raft::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  return nullptr;
}

json asked_in(const Call& call) {
  return json::parse(std::get<model::Json>(call.value).text);
}

Batch transaction_of(const Call& call) {
  Batch batch;
  for (const json& each : asked_in(call)) {
    const std::string& what = each[0].get_ref<const std::string&>();
    const Step::Kind kind = what == "r" ? Step::Kind::read : what == "w" ? Step::Kind::put : Step::Kind::append;
    batch.steps.push_back(
        {.kind = kind, .key = each[1].dump(), .value = kind == Step::Kind::read ? 0 : each[2].get<std::int64_t>()});
  }
  return batch;
}

std::string account(std::int64_t number) {
  return fmt::format("account/{}", number);
}

struct Transfer {
  std::string from, to;
  std::int64_t amount = 0;
};

Transfer transfer_of(const Call& call) {
  const json asked = asked_in(call);
  return {account(asked["from"].get<std::int64_t>()), account(asked["to"].get<std::int64_t>()),
          asked["amount"].get<std::int64_t>()};
}

Batch reads_of(std::vector<std::string> keys) {
  Batch batch;
  for (std::string& key : keys) batch.steps.push_back({.kind = Step::Kind::read, .key = std::move(key), .value = 0});
  return batch;
}

Batch balances_of(const RaftCalls& calls) {
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; i < calls.accounts; ++i) keys.push_back(account(i));
  return reads_of(std::move(keys));
}

std::int64_t balance_in(const RaftCalls& calls, const raft::Value& reading) {
  const auto* number = std::get_if<std::int64_t>(&reading);
  return number == nullptr ? calls.balance : *number;
}

std::optional<raft::Operation> second_of_transfer(const RaftCalls& calls, const Call& call,
                                                  const std::vector<raft::Value>& seen) {
  const Transfer transfer = transfer_of(call);
  if (seen.size() != 2 || balance_in(calls, seen[0]) < transfer.amount) return std::nullopt;
  Batch batch;
  batch.requirements = {{transfer.from, seen[0]}, {transfer.to, seen[1]}};
  batch.steps = {{Step::Kind::put, transfer.from, balance_in(calls, seen[0]) - transfer.amount},
                 {Step::Kind::put, transfer.to, balance_in(calls, seen[1]) + transfer.amount}};
  return batch;
}

// What a client was told, where it was told something.
model::Value shown(const RaftCalls& calls, const Call& call, const raft::CallResult& result) {
  if (call.function == model::Function::txn) {
    json told = asked_in(call);
    std::size_t next = 0;
    for (json& each : told)
      if (each[0] == "r" && next < result.readings.size()) each[2] = json_of(result.readings[next++]);
    return model::Json{told.dump()};
  }
  if (call.function != model::Function::read) return {};
  if (calls.accounts == 0) return value_of(result.value);
  json balances = json::object();
  for (std::size_t i = 0; i < result.readings.size(); ++i)
    balances[std::to_string(i)] = balance_in(calls, result.readings[i]);
  return model::Json{balances.dump()};
}

}  // namespace

RaftCalls raft_calls(const model::Workload& workload) {
  if (!workload.has_bank()) return {};
  return {.accounts = workload.keys(), .balance = workload.bank().balance()};
}

std::optional<raft::Operation> raft_operation(const RaftCalls& calls, const Call& call) {
  switch (call.function) {
    case model::Function::read:
      if (calls.accounts > 0) return balances_of(calls);
      break;
    case model::Function::write:
      if (std::holds_alternative<std::monostate>(call.value)) return raft::Delete{};
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
    case model::Function::txn:
      return transaction_of(call);
    case model::Function::transfer: {
      Transfer transfer = transfer_of(call);
      return reads_of({std::move(transfer.from), std::move(transfer.to)});
    }
    default:
      break;
  }
  return std::nullopt;
}

std::optional<raft::Operation> raft_second_operation(const RaftCalls& calls, const Call& call,
                                                     const raft::CallResult& first) {
  if (first.outcome != raft::Outcome::ok) return std::nullopt;
  if (call.function == model::Function::transfer) return second_of_transfer(calls, call, first.readings);
  if (call.function != model::Function::increment) return std::nullopt;
  const auto* granted = std::get_if<std::vector<std::int64_t>>(&first.value);
  if (granted == nullptr || granted->size() != 2) return std::nullopt;
  return raft::GuardedPut{.value = granted->at(1) + std::get<std::int64_t>(call.value), .token = granted->at(0)};
}

Duration raft_timeout(const Call& call, Duration timeout) {
  const bool twice = call.function == model::Function::increment || call.function == model::Function::transfer;
  return twice ? timeout / 2 : timeout;
}

Answer answer_of(const RaftCalls& calls, const Call& call, raft::CallResult result, bool looked) {
  if (call.function == model::Function::transfer && looked && result.outcome == raft::Outcome::ok) {
    result.outcome = raft::Outcome::fail;
    result.reason = "not enough in the account";
  }
  const bool ok = result.outcome == raft::Outcome::ok;
  return {.type = event_type(result.outcome),
          .value = ok ? shown(calls, call, result) : model::Value{},
          .node = std::move(result.node),
          .error = std::move(result.reason)};
}

}  // namespace fracas::controller
