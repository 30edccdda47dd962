#include "checker/isolation/transactional.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "checker/explain/fault_context.h"
#include "checker/isolation/dependencies.h"
#include "checker/isolation/proof.h"

namespace fracas::checker::isolation {
namespace {

struct Analysis {
  std::vector<Proof> proofs;  // the first of each anomaly, those of weak levels first
  std::vector<Anomaly> anomalies;
  std::map<std::string, std::uint64_t> counts;  // by the anomaly's name
  LevelAnswer levels;
  std::uint64_t g_single_undecided = 0;
  std::size_t edges = 0;
  bool empty = false;  // no transaction depends on another
};

// A cycle that breaks no level which other anomalies leave standing says nothing new: where x is lost at once, that it
// is lost along a process, too, is noise.
std::vector<Anomaly> worth_saying(const Sightings& sightings, const CycleSearch& search) {
  std::vector<Anomaly> kept;
  for (const auto& [kind, count] : sightings.counts()) kept.push_back({kind, CycleKind::g0, Order::none});
  for (std::size_t order = 0; order < kOrders; ++order)
    for (std::size_t kind = 0; kind < kCycleKinds; ++kind) {
      if (search.components[kind][order] == 0) continue;
      const Anomaly anomaly{AnomalyKind::cycle, static_cast<CycleKind>(kind), static_cast<Order>(order)};
      const auto before = judge_levels(kept).broken.size();
      kept.push_back(anomaly);
      if (order > 0 && judge_levels(kept).broken.size() == before) kept.pop_back();
    }
  return kept;
}

void collect(Analysis& analysis, const Transactions& transactions, const Sightings& sightings,
             const CycleSearch& search, const ExplainEdge& explain) {
  analysis.anomalies = worth_saying(sightings, search);
  for (const Anomaly& anomaly : analysis.anomalies) {
    std::uint64_t& count = analysis.counts[name(anomaly)];
    if (anomaly.kind == AnomalyKind::cycle) {
      count = search.components[static_cast<std::size_t>(anomaly.cycle)][static_cast<std::size_t>(anomaly.order)];
      const Cycle* shortest = nullptr;
      for (const Cycle& cycle : search.cycles)
        if (cycle.kind == anomaly.cycle && cycle.order == anomaly.order &&
            (shortest == nullptr || cycle.steps.size() < shortest->steps.size()))
          shortest = &cycle;
      if (shortest != nullptr) analysis.proofs.push_back(prove_cycle(transactions, *shortest, explain));
      continue;
    }
    count = sightings.counts().at(anomaly.kind);
    for (const Sighting& sighting : sightings.kept())
      if (sighting.kind == anomaly.kind) {
        analysis.proofs.push_back(prove_sighting(transactions, sighting));
        break;
      }
  }
  analysis.levels = judge_levels(analysis.anomalies);
  const auto strength = [](const Proof& proof) { return judge_levels({&proof.anomaly, 1}).broken.size(); };
  std::stable_sort(analysis.proofs.begin(), analysis.proofs.end(),
                   [&](const Proof& a, const Proof& b) { return strength(a) > strength(b); });
}

template <typename Orders>
Analysis search_and_collect(const Transactions& transactions, const Orders& orders, Graph& graph,
                            Sightings& sightings) {
  Analysis analysis;
  analysis.empty = !graph.any();
  find_internal(transactions, sightings);
  add_session_order(transactions, graph);
  add_real_time_order(transactions, graph);
  graph.finish();
  const CycleSearch search = find_cycles(graph);
  analysis.edges = graph.edges();
  analysis.g_single_undecided = search.g_single_undecided;
  collect(analysis, transactions, sightings, search,
          [&](const CycleStep& step, std::uint32_t to, const std::string& from_name, const std::string& to_name) {
            return orders.explain(step, to, {from_name, to_name});
          });
  return analysis;
}

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

// The search of cycles with exactly one rw is the only one with a budget; levels that need no less than that wait for
// it.
bool waits_for_g_single(const Analysis& analysis, const std::string& level) {
  return analysis.g_single_undecided > 0 && (level == "consistent-view" || level == "update-serializable");
}

CheckResult report(const Transactions& transactions, const Analysis& analysis, const Request& request,
                   std::string assumptions) {
  CheckResult result;
  result.kind = transactions.dialect == Dialect::lists ? "list-append" : "rw-register";
  add_numbers(result, transactions, analysis);
  const std::string levels = levels_sentence(analysis.levels);
  const std::string level = request.level == "strong-serializable" ? "strict-serializable" : request.level;
  const auto& broken = analysis.levels.broken;
  if (std::find(broken.begin(), broken.end(), level) != broken.end()) {
    result.verdict = Verdict::violated;
    const auto proof = std::find_if(analysis.proofs.begin(), analysis.proofs.end(),
                                    [&](const Proof& p) { return rules_out(p.anomaly, level); });
    result.summary = fmt::format("not {}: {}", level, proof->sentence);
    place(result, transactions, *proof, request);
  } else if (analysis.empty || waits_for_g_single(analysis, level)) {
    result.verdict = Verdict::undecided;
    result.summary = analysis.empty ? "undecided: no transaction depends on another, so there is nothing to judge"
                                    : fmt::format("undecided: the search for G-single ran out of its budget");
  } else {
    result.summary = fmt::format("{} transactions are {}", transactions.all.size(), level);
  }
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

Result<bool> flag(const Request& request, std::string_view name, bool otherwise) {
  const auto text = request.parameter(name);
  if (!text) return otherwise;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return failure(fmt::format("{} is true or false, not \"{}\"", name, *text));
}

Result<Assumptions> assumptions_of(const Request& request) {
  Assumptions assumptions;
  const auto reads = flag(request, "wfr-keys", true);
  const auto sequential = flag(request, "sequential-keys", false);
  const auto linearizable = flag(request, "linearizable-keys", false);
  for (const auto* given : {&reads, &sequential, &linearizable})
    if (!*given) return failure(given->error());
  assumptions.writes_follow_reads = *reads;
  assumptions.sequential_keys = *sequential;
  assumptions.linearizable_keys = *linearizable;
  const auto text = request.parameter("initial");
  if (!text || *text == "nil") return assumptions;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size())
    return failure(fmt::format("initial is nil or an integer, not \"{}\"", *text));
  assumptions.initial = Value::of(number);
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
  const auto assumptions = assumptions_of(request);
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
}  // namespace

const ModelKind kListAppend{"list-append",
                            "lists that grow, in transactions (f = txn) of [append key value] and [r key list]",
                            levels(),
                            {},
                            check_list_append};

const ModelKind kRwRegister{
    "rw-register",
    "registers in transactions (f = txn) of [w key value] and [r key value], every value written once",
    levels(),
    {{"wfr-keys", "a transaction that reads a key's version writes a later one", "true"},
     {"sequential-keys", "every process meets the versions of a key in their order", "false"},
     {"linearizable-keys", "versions of a key follow the real time of the transactions that met them", "false"},
     {"initial", "an integer that keys hold at the start, besides nil", "nil"}},
    check_rw_register};

}  // namespace fracas::checker::isolation
