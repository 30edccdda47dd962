#include "checker/isolation/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "checker/explain/text.h"

namespace fracas::checker::isolation {
namespace {

constexpr std::size_t kShownSteps = 12;

std::string name_of(std::size_t step) {
  return fmt::format("T{}", step + 1);
}

std::string explain_order(const Transactions& transactions, const CycleStep& step, std::uint32_t to,
                          const std::string& from_name, const std::string& to_name) {
  const Operation& from = transactions.operation(step.transaction);
  const Operation& next = transactions.operation(to);
  if (step.dependency == Dependency::process)
    return fmt::format("process {} completed {} before it began {}", transactions.history->processes[from.process],
                       from_name, to_name);
  if (!transactions.history->timed)
    return fmt::format("{} completed (event {}) before {} began (event {})", from_name, from.completion + 1, to_name,
                       next.invoke + 1);
  return fmt::format("{} completed {} before {} began", from_name, describe_span(next.invoke_ns - from.return_ns),
                     to_name);
}

std::string_view label_of(Dependency dependency) {
  constexpr std::array<std::string_view, 6> kLabels{"ww", "wr", "rw", "process", "realtime", "order"};
  return kLabels[static_cast<std::size_t>(dependency)];
}

std::string headline(const Anomaly& anomaly, const std::string& what) {
  return fmt::format("{}: {}", name(anomaly), what);
}

}  // namespace

std::string show_transaction(const Transactions& transactions, std::uint32_t transaction, const std::string& name) {
  const Operation& operation = transactions.operation(transaction);
  const std::string& process = transactions.history->processes[operation.process];
  const std::string events = operation.completion == kNone
                                 ? fmt::format("event {}, never completed", operation.invoke + 1)
                                 : fmt::format("events {} and {}", operation.invoke + 1, operation.completion + 1);
  const char* outcome = operation.outcome == Outcome::ok     ? ""
                        : operation.outcome == Outcome::fail ? ", failed"
                                                             : ", info";
  return fmt::format("{} = {} (process {}, {}{})", name, transactions.describe(transaction), process, events, outcome);
}

Proof prove_cycle(const Transactions& transactions, const Cycle& cycle, const Anomaly& anomaly,
                  const ExplainEdge& explain) {
  Proof proof{anomaly, {}, {}, {}, {}};
  const std::size_t count = cycle.steps.size();
  std::string round;
  for (std::size_t i = 0; i < count; ++i) {
    proof.transactions.push_back(cycle.steps[i].transaction);
    if (i < kShownSteps) round += name_of(i) + " < ";
  }
  if (count > kShownSteps) round += fmt::format("… ({} more) < ", count - kShownSteps);
  proof.sentence = headline(proof.anomaly,
                            fmt::format("{} transactions would each have to come before the next: {}T1", count, round));
  for (std::size_t i = 0; i < std::min(count, kShownSteps); ++i)
    proof.lines.push_back(show_transaction(transactions, cycle.steps[i].transaction, name_of(i)));
  for (std::size_t i = 0; i < std::min(count, kShownSteps); ++i) {
    const CycleStep& step = cycle.steps[i];
    const std::uint32_t to = cycle.steps[(i + 1) % count].transaction;
    const std::string from_name = name_of(i), to_name = name_of((i + 1) % count);
    const bool order = step.dependency == Dependency::process || step.dependency == Dependency::realtime;
    const std::string why =
        order ? explain_order(transactions, step, to, from_name, to_name) : explain(step, to, from_name, to_name);
    proof.lines.push_back(fmt::format("{} < {}: {}", from_name, to_name, why));
    if (count <= kShownSteps) proof.edges.push_back({i, (i + 1) % count, std::string(label_of(step.dependency)), why});
  }
  return proof;
}

Proof prove_sighting(const Transactions& transactions, const Sighting& sighting) {
  Proof proof{{sighting.kind, CycleKind::g0, Order::none}, {}, {}, sighting.transactions, {}};
  proof.sentence = headline(proof.anomaly, sighting.sentence);
  for (std::size_t i = 0; i < std::min(sighting.transactions.size(), kShownSteps); ++i)
    proof.lines.push_back(show_transaction(transactions, sighting.transactions[i], name_of(i)));
  return proof;
}

}  // namespace fracas::checker::isolation
