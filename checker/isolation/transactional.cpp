#include "checker/isolation/transactional.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/check.h"
#include "checker/isolation/analysis.h"
#include "checker/isolation/dependencies.h"
#include "checker/isolation/serial_proof.h"
#include "checker/isolation/view_proof.h"
#include "checker/isolation/views.h"

namespace fracas::checker::isolation {
namespace {

// What a check is asked, with all its defaults.
struct Question {
  std::string_view level;  // a name of the table of levels
  bool sessions = false;   // the order of each process counts at every level
  bool views_only = false;
};

Question question_of(const Request& request, bool sessions) {
  const bool strongest = request.level == "strong-serializable" || request.level == "linearizable";
  Question question{strongest ? "strict-serializable" : std::string_view(request.level), sessions, false};
  if (sessions) question.level = with_sessions(question.level);
  question.views_only = is_view_level(question.level);
  return question;
}

// The views that may be broken: the strongest in question first, as one that holds spares the weaker ones.
std::vector<ViewQuestion> views_of(const Question& question) {
  const std::vector<ViewQuestion> all{{View::causal, true},
                                      {View::atomic, true},
                                      {View::monotonic, true},
                                      {View::atomic, false},
                                      {View::monotonic, false}};
  if (!question.views_only || question.level == "causal") return all;
  const bool sessions = question.level.starts_with("strong-session-");
  const bool atomic = question.level.ends_with("read-atomic");
  std::vector<ViewQuestion> weaker;
  for (const ViewQuestion& view : all)
    if (view.view != View::causal && (atomic || view.view == View::monotonic) && (sessions || !view.sessions))
      weaker.push_back(view);
  return weaker;
}

bool weaker_or_equal(const ViewQuestion& a, const ViewQuestion& b) {
  return a.view <= b.view && a.sessions <= b.sessions;
}

void judge_views(const Observations& observations, const Graph* versions, const Question& question,
                 const Request& request, const ExplainEdge& explain, Findings& findings) {
  std::vector<ViewQuestion> hold;
  for (const ViewQuestion& view : views_of(question)) {
    if (std::any_of(hold.begin(), hold.end(), [&](const auto& other) { return weaker_or_equal(view, other); }))
      continue;
    const ViewAnswer answer = judge_view(observations, versions, view, request.budget.bytes_per_key);
    if (answer.broken) findings.views.push_back(prove_view(observations, view, answer, explain));
    if (answer.undecided) findings.views_undecided = true;
    if (!answer.broken && !answer.undecided) hold.push_back(view);
  }
}

// Is there a cycle of dependencies that needs no more than this order?
bool has_cycle(const CycleSearch& search, Order order) {
  return std::any_of(search.components.begin(), search.components.end(), [&](const auto& by_order) {
    return std::any_of(by_order.begin(), by_order.begin() + static_cast<std::ptrdiff_t>(order) + 1,
                       [](std::uint64_t count) { return count > 0; });
  });
}

// Where the order of a register's versions is not known, what serializability itself says of it.
void judge_serial_orders(const Observations& observations, const Graph& graph, const Request& request,
                         const ExplainEdge& explain, Findings& findings) {
  if (has_cycle(findings.cycles, Order::none)) return;
  auto proof = refute_serial_orders(observations, graph, explain, request.budget.bytes_per_key);
  if (proof && !has_cycle(findings.cycles, proof->anomaly.order)) findings.views.push_back(std::move(*proof));
}

// In a list's history, whoever sees a part of what it should also has a cycle with one rw.
bool views_may_be_broken(const Sightings& sightings, const CycleSearch& search) {
  const auto found = [&](CycleKind kind) {
    const auto& counts = search.components[static_cast<std::size_t>(kind)];
    return counts[static_cast<std::size_t>(Order::none)] + counts[static_cast<std::size_t>(Order::process)] > 0;
  };
  return !sightings.counts().empty() || search.g_single_undecided > 0 || found(CycleKind::g0) ||
         found(CycleKind::g1c) || found(CycleKind::g_single);
}

template <typename Orders>
CheckResult judge(const Transactions& transactions, const WriteIndex& writes, const Assumptions& assumptions,
                  const Request& request, std::string assumed) {
  const bool lists = transactions.dialect == Dialect::lists;
  const Question question = question_of(request, assumptions.sessions);
  Graph graph(static_cast<std::uint32_t>(transactions.all.size()));
  Sightings sightings;
  const Orders orders(transactions, writes, assumptions, graph, sightings);
  const bool empty = !graph.any() && !orders.any();
  find_internal(transactions, sightings);
  Findings findings{sightings, {}, {}, {}, false};
  const bool cycles = lists || !question.views_only;
  if (cycles) {
    add_session_order(transactions, graph);
    add_real_time_order(transactions, graph);
  } else {
    findings.up_to = question.level;
  }
  graph.finish();
  if (cycles) findings.cycles = find_cycles(graph);
  const ExplainEdge explain = [&](const CycleStep& step, std::uint32_t to, const std::string& from_name,
                                  const std::string& to_name) {
    return orders.explain(step, to, {from_name, to_name});
  };
  if (!lists || views_may_be_broken(sightings, findings.cycles)) {
    const Observations observations = Observations::make(transactions, writes, assumptions.initial);
    const Graph* versions = lists || assumptions.order_more() ? &graph : nullptr;
    judge_views(observations, versions, question, request, explain, findings);
    if (!lists && cycles && assumptions.sessions) judge_serial_orders(observations, graph, request, explain, findings);
  }
  Analysis analysis = analyse(transactions, findings, explain);
  analysis.edges = graph.edges();
  analysis.empty = empty;
  return report(transactions, analysis, request, question.level, std::move(assumed));
}

template <typename Orders>
Result<CheckResult> judge(const History& history, Dialect dialect, const Assumptions& assumptions,
                          const Request& request, std::string assumed) {
  auto transactions = read_transactions(history, dialect);
  if (!transactions) return failure(std::move(transactions).error());
  const auto writes = WriteIndex::make(*transactions);
  if (!writes) return failure(writes.error());
  return judge<Orders>(*transactions, *writes, assumptions, request, std::move(assumed));
}

Result<CheckResult> check_dialect(const History& history, Dialect dialect, const Request& request) {
  const auto assumptions = assumptions_of(request, history);
  if (!assumptions) return failure(assumptions.error());
  const std::string assumed = describe(*assumptions, dialect);
  return dialect == Dialect::lists ? judge<ListOrders>(history, dialect, *assumptions, request, assumed)
                                   : judge<RegisterOrders>(history, dialect, *assumptions, request, assumed);
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
  return check_dialect(history, Dialect::lists, request);
}

Result<CheckResult> check_rw_register(const History& history, const Request& request) {
  return check_dialect(history, Dialect::registers, request);
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
const ModelParameter kSessions{
    "sessions",
    "true: the order of each process counts at every level; false: at strong-session- levels "
    "and causal only",
    "true for histories without any times, else false"};
}  // namespace

const ModelKind kListAppend{"list-append",
                            "lists, empty at first: append one element, read all; alone, or as [append key value] and "
                            "[r key list] in transactions (f = txn)",
                            levels_of_lists(),
                            {kSessions},
                            check_list_append};

const ModelKind kRwRegister{
    "rw-register",
    "registers in transactions (f = txn) of [w key value] and [r key value], every value written once",
    levels(),
    {kSessions,
     {"wfr-keys", "a transaction that reads a key's version writes a later one", "true"},
     {"sequential-keys", "every process meets the versions of a key in their order", "false"},
     {"linearizable-keys", "versions of a key follow the real time of the transactions that met them", "false"},
     {"transaction-order", "a rank for each transaction of the history: keys are written in the order of 2,1,3", ""},
     {"initial", "an integer that keys hold at the start, besides nil", "nil"}},
    check_rw_register};

}  // namespace fracas::checker::isolation
