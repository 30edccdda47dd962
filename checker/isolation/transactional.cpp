#include "checker/isolation/transactional.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "checker/check.h"
#include "checker/isolation/analysis.h"
#include "checker/isolation/dependencies.h"

namespace fracas::checker::isolation {
namespace {

template <typename Orders>
Analysis search_and_collect(const Transactions& transactions, const Orders& orders, Graph& graph,
                            Sightings& sightings) {
  const bool empty = !graph.any() && !orders.any();
  find_internal(transactions, sightings);
  add_session_order(transactions, graph);
  add_real_time_order(transactions, graph);
  graph.finish();
  const CycleSearch search = find_cycles(graph);
  Analysis analysis =
      analyse(transactions, sightings, search,
              [&](const CycleStep& step, std::uint32_t to, const std::string& from_name, const std::string& to_name) {
                return orders.explain(step, to, {from_name, to_name});
              });
  analysis.edges = graph.edges();
  analysis.empty = empty;
  return analysis;
}

Result<bool> flag(const Request& request, std::string_view name, bool otherwise) {
  const auto text = request.parameter(name);
  if (!text) return otherwise;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return failure(fmt::format("{} is true or false, not \"{}\"", name, *text));
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "2,1,3": one rank an operation.
Result<std::vector<std::int64_t>> ranks(std::string_view text, std::size_t operations) {
  std::vector<std::int64_t> order;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const auto rank = integer(text.substr(at, comma - at));
    if (!rank) return failure(fmt::format("transaction-order is a list of integers like 2,1,3, not \"{}\"", text));
    order.push_back(*rank);
    at = comma + 1;
  }
  if (order.size() != operations)
    return failure(fmt::format("transaction-order has {} numbers for {} transactions", order.size(), operations));
  return order;
}

Result<Assumptions> assumptions_of(const Request& request, std::size_t operations) {
  Assumptions assumptions;
  const auto reads = flag(request, "wfr-keys", true);
  const auto sequential = flag(request, "sequential-keys", false);
  const auto linearizable = flag(request, "linearizable-keys", false);
  for (const auto* given : {&reads, &sequential, &linearizable})
    if (!*given) return failure(given->error());
  assumptions.writes_follow_reads = *reads;
  assumptions.sequential_keys = *sequential;
  assumptions.linearizable_keys = *linearizable;
  if (const auto text = request.parameter("initial"); text && *text != "nil") {
    const auto number = integer(*text);
    if (!number) return failure(fmt::format("initial is nil or an integer, not \"{}\"", *text));
    assumptions.initial = Value::of(*number);
  }
  if (const auto text = request.parameter("transaction-order")) {
    auto order = ranks(*text, operations);
    if (!order) return failure(std::move(order).error());
    assumptions.transaction_order = std::move(*order);
  }
  return assumptions;
}

std::string describe(const Assumptions& assumptions) {
  return fmt::format("assumed: keys start as {}nil; wfr-keys {}, sequential-keys {}, linearizable-keys {}",
                     assumptions.initial.is_nil() ? "" : fmt::format("{} or ", assumptions.initial.integer()),
                     assumptions.writes_follow_reads, assumptions.sequential_keys, assumptions.linearizable_keys);
}

}  // namespace

bool has_transactions(const History& history) {
  return std::any_of(history.operations.begin(), history.operations.end(),
                     [](const Operation& operation) { return operation.function == Function::txn; });
}

Result<CheckResult> check_list_append(const History& history, const Request& request) {
  const bool strongest = request.level == "strict-serializable" || request.level == "strong-serializable" ||
                         request.level == "linearizable";
  if (strongest && !has_transactions(history))
    return check_linearizable(history, {.reg = {}, .list = true}, "list-append", request);
  auto transactions = read_transactions(history, Dialect::lists);
  if (!transactions) return failure(std::move(transactions).error());
  const auto writes = WriteIndex::make(*transactions);
  if (!writes) return failure(writes.error());
  Graph graph(static_cast<std::uint32_t>(transactions->all.size()));
  Sightings sightings;
  const ListOrders orders(*transactions, *writes, graph, sightings);
  return report(*transactions, search_and_collect(*transactions, orders, graph, sightings), request, {});
}

Result<CheckResult> check_rw_register(const History& history, const Request& request) {
  const auto assumptions = assumptions_of(request, history.operations.size());
  if (!assumptions) return failure(assumptions.error());
  auto transactions = read_transactions(history, Dialect::registers);
  if (!transactions) return failure(std::move(transactions).error());
  const auto writes = WriteIndex::make(*transactions);
  if (!writes) return failure(writes.error());
  Graph graph(static_cast<std::uint32_t>(transactions->all.size()));
  Sightings sightings;
  const RegisterOrders orders(*transactions, *writes, *assumptions, graph, sightings);
  return report(*transactions, search_and_collect(*transactions, orders, graph, sightings), request,
                describe(*assumptions));
}

namespace {
std::vector<std::string_view> levels() {
  return {level_names().begin(), level_names().end()};
}
std::vector<std::string_view> levels_of_lists() {
  auto names = levels();
  names.push_back("linearizable");
  return names;
}
}  // namespace

const ModelKind kListAppend{"list-append",
                            "lists, empty at first: append one element, read all; alone, or as [append key value] and "
                            "[r key list] in transactions (f = txn)",
                            levels_of_lists(),
                            {},
                            check_list_append};

const ModelKind kRwRegister{
    "rw-register",
    "registers in transactions (f = txn) of [w key value] and [r key value], every value written once",
    levels(),
    {{"wfr-keys", "a transaction that reads a key's version writes a later one", "true"},
     {"sequential-keys", "every process meets the versions of a key in their order", "false"},
     {"linearizable-keys", "versions of a key follow the real time of the transactions that met them", "false"},
     {"transaction-order", "a rank for each transaction of the history: keys are written in the order of 2,1,3", ""},
     {"initial", "an integer that keys hold at the start, besides nil", "nil"}},
    check_rw_register};

}  // namespace fracas::checker::isolation
