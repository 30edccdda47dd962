#include "checker/isolation/assumptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace fracas::checker::isolation {
namespace {

// Without times nothing is known of the order of transactions but what each process did: then that counts.
bool knows_sessions_only(const History& history) {
  return history.operations.size() > 1 && !history.timed &&
         std::all_of(history.operations.begin(), history.operations.end(), [&](const Operation& operation) {
           return operation.invoke_ns == history.start_ns &&
                  (operation.return_ns == history.start_ns || operation.return_ns == kNever);
         });
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

}  // namespace

Result<Assumptions> assumptions_of(const Request& request, const History& history) {
  Assumptions assumptions;
  const auto sessions = flag(request, "sessions", knows_sessions_only(history));
  const auto reads = flag(request, "wfr-keys", true);
  const auto sequential = flag(request, "sequential-keys", false);
  const auto linearizable = flag(request, "linearizable-keys", false);
  for (const auto* given : {&reads, &sequential, &linearizable, &sessions})
    if (!*given) return failure(given->error());
  assumptions.sessions = *sessions;
  assumptions.writes_follow_reads = *reads;
  assumptions.sequential_keys = *sequential;
  assumptions.linearizable_keys = *linearizable;
  if (const auto text = request.parameter("initial"); text && *text != "nil") {
    const auto number = integer(*text);
    if (!number) return failure(fmt::format("initial is nil or an integer, not \"{}\"", *text));
    assumptions.initial = Value::of(*number);
  }
  if (const auto text = request.parameter("transaction-order")) {
    auto order = ranks(*text, history.operations.size());
    if (!order) return failure(std::move(order).error());
    assumptions.transaction_order = std::move(*order);
  }
  return assumptions;
}

std::string describe(const Assumptions& assumptions, Dialect dialect) {
  const std::string sessions = assumptions.sessions ? "the order of each process counts at every level" : "";
  if (dialect == Dialect::lists) return sessions;
  return fmt::format("assumed: keys start as {}nil; wfr-keys {}, sequential-keys {}, linearizable-keys {}{}{}",
                     assumptions.initial.is_nil() ? "" : fmt::format("{} or ", assumptions.initial.integer()),
                     assumptions.writes_follow_reads, assumptions.sequential_keys, assumptions.linearizable_keys,
                     sessions.empty() ? "" : "; ", sessions);
}

}  // namespace fracas::checker::isolation
