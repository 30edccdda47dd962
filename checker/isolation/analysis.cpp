#include "checker/isolation/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/fault_context.h"
#include "checker/explain/text.h"

namespace fracas::checker::isolation {
namespace {

constexpr std::size_t kShownMax = 12;  // transactions of a proof

// Two transactions each see one of two writes and lack the other.
bool is_long_fork(const Cycle& cycle) {
  if (cycle.order != Order::none || cycle.steps.size() != 4) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto even = cycle.steps[i].dependency, odd = cycle.steps[(i + 1) % 4].dependency;
    const bool turns =
        (even == Dependency::wr && odd == Dependency::rw) || (even == Dependency::rw && odd == Dependency::wr);
    if (!turns) return false;
  }
  return true;
}

// Cycles that are only there with what predicates read.
void add_predicates(const Findings& findings, std::vector<Anomaly>& kept) {
  for (std::size_t order = 0; order < kOrders; ++order)
    for (std::size_t kind = 0; kind < kCycleKinds; ++kind) {
      if (findings.with_predicates.components[kind][order] == 0) continue;
      const auto& items = findings.cycles.components[kind];
      if (std::any_of(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(order) + 1,
                      [](std::uint64_t count) { return count > 0; }))
        continue;
      const auto before = judge_levels(kept).broken.size();
      kept.push_back({AnomalyKind::cycle, static_cast<CycleKind>(kind), static_cast<Order>(order), true});
      if (order > 0 && judge_levels(kept).broken.size() == before) kept.pop_back();
    }
}

// A cycle that breaks no level which other anomalies leave standing says nothing new: where x is lost at once, that it
// is lost along a process, too, is noise.
std::vector<Anomaly> worth_saying(const Findings& findings) {
  const CycleSearch& search = findings.cycles;
  std::vector<Anomaly> kept;
  for (const auto& [kind, count] : findings.sightings.counts()) kept.push_back({kind, CycleKind::g0, Order::none});
  for (std::size_t order = 0; order < kOrders; ++order)
    for (std::size_t kind = 0; kind < kCycleKinds; ++kind) {
      if (search.components[kind][order] == 0) continue;
      const Anomaly anomaly{AnomalyKind::cycle, static_cast<CycleKind>(kind), static_cast<Order>(order)};
      const auto before = judge_levels(kept).broken.size();
      kept.push_back(anomaly);
      if (order > 0 && judge_levels(kept).broken.size() == before) kept.pop_back();
    }
  if (std::any_of(search.cycles.begin(), search.cycles.end(), is_long_fork))
    kept.push_back({AnomalyKind::long_fork, CycleKind::g_nonadjacent, Order::none});
  add_predicates(findings, kept);
  return kept;
}

std::uint64_t count(const Anomaly& anomaly, const Sightings& sightings, const CycleSearch& search) {
  if (anomaly.kind == AnomalyKind::cycle)
    return search.components[static_cast<std::size_t>(anomaly.cycle)][static_cast<std::size_t>(anomaly.order)];
  if (anomaly.kind == AnomalyKind::long_fork)
    return static_cast<std::uint64_t>(std::count_if(search.cycles.begin(), search.cycles.end(), [](const Cycle& cycle) {
      return cycle.kind == CycleKind::g_nonadjacent && is_long_fork(cycle);
    }));
  return sightings.counts().at(anomaly.kind);
}

const Cycle* shortest(const CycleSearch& search, const Anomaly& anomaly) {
  const Cycle* best = nullptr;
  for (const Cycle& cycle : search.cycles) {
    const bool fits = anomaly.kind == AnomalyKind::long_fork
                          ? is_long_fork(cycle)
                          : cycle.kind == anomaly.cycle && cycle.order == anomaly.order;
    if (fits && (best == nullptr || cycle.steps.size() < best->steps.size())) best = &cycle;
  }
  return best;
}

}  // namespace

Analysis analyse(const Transactions& transactions, const Findings& findings, const ExplainEdge& explain) {
  const auto& [sightings, items, views, up_to, views_undecided, with_predicates] = findings;
  Analysis analysis;
  analysis.g_single_undecided = std::max(items.g_single_undecided, with_predicates.g_single_undecided);
  analysis.views_undecided = views_undecided;
  analysis.anomalies = worth_saying(findings);
  for (const Anomaly& anomaly : analysis.anomalies) {
    const CycleSearch& search = anomaly.predicate ? with_predicates : items;
    analysis.counts[name(anomaly)] = count(anomaly, sightings, search);
    if (anomaly.kind == AnomalyKind::cycle || anomaly.kind == AnomalyKind::long_fork) {
      if (const Cycle* cycle = shortest(search, anomaly))
        analysis.proofs.push_back(prove_cycle(transactions, *cycle, anomaly, explain));
      continue;
    }
    const auto found = std::find_if(sightings.kept().begin(), sightings.kept().end(),
                                    [&](const Sighting& sighting) { return sighting.kind == anomaly.kind; });
    analysis.proofs.push_back(prove_sighting(transactions, *found));
  }
  for (const Proof& proof : views) {
    analysis.anomalies.push_back(proof.anomaly);
    analysis.counts[name(proof.anomaly)] = 1;
    analysis.proofs.push_back(proof);
  }
  analysis.levels = judge_levels(analysis.anomalies, up_to);
  const auto strength = [](const Proof& proof) { return judge_levels({&proof.anomaly, 1}).broken.size(); };
  std::stable_sort(analysis.proofs.begin(), analysis.proofs.end(),
                   [&](const Proof& a, const Proof& b) { return strength(a) > strength(b); });
  return analysis;
}

namespace {

void place(CheckResult& result, const Transactions& transactions, const Proof& proof, const Request& request) {
  Counterexample example;
  example.sentence = proof.sentence;
  example.run_start_ns = transactions.history->operations.front().invoke_ns;
  std::int64_t start = kNever;
  for (const std::uint32_t transaction : proof.transactions) {
    const Operation& operation = transactions.operation(transaction);
    start = std::min(start, operation.invoke_ns);
    example.moment_ns =
        std::max(example.moment_ns, operation.return_ns == kNever ? operation.invoke_ns : operation.return_ns);
  }
  for (std::size_t i = 0; i < std::min(proof.transactions.size(), kShownMax); ++i) {
    const std::uint32_t transaction = proof.transactions[i];
    ShownOperation shown = show(*transactions.history, transactions.operation(transaction));
    shown.argument = transactions.describe(transaction);
    shown.result.clear();
    example.operations.push_back(std::move(shown));
  }
  example.cycle = proof.edges;
  example.timed = transactions.history->timed;
  const FaultContext context = place_among_faults(request.faults, start, example.moment_ns);
  example.fault_windows = context.ids;
  example.fault_sentence = context.sentence;
  if (!context.sentence.empty()) result.details.push_back(context.sentence);
  result.counterexample = std::move(example);
}

std::string levels_sentence(const LevelAnswer& levels) {
  if (levels.fails.empty()) return fmt::format("every level holds, up to {}", fmt::join(levels.holds, " and "));
  if (levels.holds.empty()) return fmt::format("no level holds, not even {}", fmt::join(levels.fails, " or "));
  return fmt::format("strongest that holds: {}; weakest that fails: {}", fmt::join(levels.holds, ", "),
                     fmt::join(levels.fails, ", "));
}

void add_numbers(CheckResult& result, const Transactions& transactions, const Analysis& analysis) {
  double outcomes[3]{};
  for (const Transaction& transaction : transactions.all) ++outcomes[static_cast<std::size_t>(transaction.outcome)];
  result.numbers = {{"transactions", static_cast<double>(transactions.all.size())},
                    {"transactions_ok", outcomes[0]},
                    {"transactions_failed", outcomes[1]},
                    {"transactions_info", outcomes[2]},
                    {"keys", static_cast<double>(transactions.keys.size())},
                    {"dependencies", static_cast<double>(analysis.edges)}};
  for (const auto& [anomaly, count] : analysis.counts)
    result.numbers[fmt::format("anomalies {}", anomaly)] = static_cast<double>(count);
}

// The searches with a budget, and the levels that wait for them; what is stronger is decided by searches without one.
std::string undecided(const Analysis& analysis, std::string_view level) {
  if (analysis.empty) return "no transaction depends on another, so there is nothing to judge";
  if (analysis.g_single_undecided > 0 && (level == "consistent-view" || level.ends_with("parallel-snapshot-isolation")))
    return "the search for G-single ran out of its budget";
  if (analysis.views_undecided && level == "causal") return "what came before each transaction needs too much memory";
  return {};
}

}  // namespace

CheckResult report(const Transactions& transactions, const Analysis& analysis, const Request& request,
                   std::string_view level, std::string assumptions) {
  CheckResult result;
  result.kind = transactions.dialect == Dialect::lists ? "list-append" : "rw-register";
  add_numbers(result, transactions, analysis);
  const std::string levels = levels_sentence(analysis.levels);
  const auto& broken = analysis.levels.broken;
  if (std::find(broken.begin(), broken.end(), level) != broken.end()) {
    result.verdict = Verdict::violated;
    const auto proof = std::find_if(analysis.proofs.begin(), analysis.proofs.end(),
                                    [&](const Proof& p) { return rules_out(p.anomaly, level); });
    result.summary = fmt::format("not {}: {}", request.level, proof->sentence);
    place(result, transactions, *proof, request);
  } else if (const std::string why = undecided(analysis, level); !why.empty()) {
    result.verdict = Verdict::undecided;
    result.summary = "undecided: " + why;
  } else {
    result.summary = fmt::format("{} transactions are {}", transactions.all.size(), request.level);
  }
  result.levels = levels;
  result.details.push_back(levels);
  if (!assumptions.empty()) result.details.push_back(std::move(assumptions));
  for (const Proof& proof : analysis.proofs) {
    result.details.push_back(proof.sentence);
    for (const std::string& line : proof.lines) result.details.push_back("  " + line);
  }
  for (const auto& [anomaly, count] : analysis.counts)
    if (count > 1) result.details.push_back(fmt::format("{}: {} times", anomaly, count));
  return result;
}

}  // namespace fracas::checker::isolation
