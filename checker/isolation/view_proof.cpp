#include "checker/isolation/view_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "checker/isolation/sessions.h"

namespace fracas::checker::isolation {
namespace {

class Prover {
 public:
  Prover(const Observations& observations, const ViewQuestion& question, const ViewAnswer& answer,
         const ExplainEdge& explain)
      : transactions_(observations.transactions()),
        observations_(observations),
        question_(question),
        answer_(answer),
        explain_(explain) {}

  Proof run() && {
    constexpr AnomalyKind kKinds[] = {AnomalyKind::monotonic_view, AnomalyKind::atomic_view, AnomalyKind::causal_view};
    proof_.anomaly.kind = kKinds[static_cast<std::size_t>(question_.view)];
    proof_.anomaly.order = question_.sessions || question_.view == View::causal ? Order::process : Order::none;
    for (const CycleStep& step : answer_.cycle) name(step.transaction);
    if (answer_.cycle.empty())
      prove_initial(answer_.inferred.front());
    else
      prove_cycle();
    proof_.sentence = isolation::name(proof_.anomaly) + ": " + proof_.sentence;
    std::vector<std::string> shown;
    for (const std::uint32_t transaction : proof_.transactions)
      shown.push_back(show_transaction(transactions_, transaction, name(transaction)));
    proof_.lines.insert(proof_.lines.begin(), shown.begin(), shown.end());
    return std::move(proof_);
  }

 private:
  // Gives it the next number where it has none yet.
  std::string name(std::uint32_t transaction) {
    const auto [found, fresh] = names_.try_emplace(transaction, names_.size() + 1);
    if (fresh) proof_.transactions.push_back(transaction);
    return fmt::format("T{}", found->second);
  }
  std::string describe(Value value) const {
    return value.is_nil() && transactions_.dialect == Dialect::lists ? "[]" : transactions_.history->describe(value);
  }

  void prove_initial(const Inferred& inferred) {
    const std::string before = name(inferred.before), reader = name(inferred.reader);
    const std::string key = transactions_.key_name(inferred.key);
    proof_.sentence = fmt::format("{} read {} = {}, the initial value, although it had seen {}, which wrote {}", reader,
                                  key, describe(value_read(inferred)), before, key);
    proof_.lines.push_back(why_seen(inferred));
  }

  void prove_cycle() {
    std::string round;
    for (const CycleStep& step : answer_.cycle) round += name(step.transaction) + " < ";
    proof_.sentence =
        fmt::format("{} transactions would each have to come before the next: {}T1", answer_.cycle.size(), round);
    auto inferred = answer_.inferred.begin();
    for (std::size_t i = 0; i < answer_.cycle.size(); ++i) {
      const CycleStep& step = answer_.cycle[i];
      const std::uint32_t to = answer_.cycle[(i + 1) % answer_.cycle.size()].transaction;
      const std::string from_name = name(step.transaction), to_name = name(to);
      const std::string why =
          step.dependency == Dependency::inferred ? why_inferred(*inferred++)
          : step.dependency == Dependency::process
              ? fmt::format("process {} ended {} before it began {}", process(to), from_name, to_name)
              : explain_(step, to, from_name, to_name);
      proof_.lines.push_back(fmt::format("{} < {}: {}", from_name, to_name, why));
    }
  }

  const std::string& process(std::uint32_t transaction) const {
    return transactions_.history->processes[transactions_.operation(transaction).process];
  }

  Value value_read(const Inferred& inferred) const {
    for (const Micro& micro : transactions_.of(inferred.reader))
      if (!micro.write && micro.key == inferred.key && micro.external && micro.known &&
          reads_from(micro, inferred.after))
        return micro.value;
    return {};
  }

  bool reads_from(const Micro& read, std::uint32_t writer) const {
    if (writer == kNone) return true;
    if (read.value.is_nil()) return false;
    const bool lists = transactions_.dialect == Dialect::lists;
    const Value last = lists ? transactions_.history->values.elements_of(read.value).back() : read.value;
    const auto micros = transactions_.of(writer);
    return std::any_of(micros.begin(), micros.end(),
                       [&](const Micro& m) { return m.write && m.key == read.key && m.value == last; });
  }

  std::string why_inferred(const Inferred& inferred) {
    const std::string key = transactions_.key_name(inferred.key);
    const std::string why =
        fmt::format("both wrote {}, and {} read {} = {} of {} though it had seen {}: ", key, name(inferred.reader), key,
                    describe(value_read(inferred)), name(inferred.after), name(inferred.before));
    return why + why_seen(inferred);
  }

  // How the reader saw the writer.
  std::string why_seen(const Inferred& inferred) {
    const std::string before = name(inferred.before), reader = name(inferred.reader);
    for (const Observation& observation : observations_.of(inferred.reader))
      if (observation.from == inferred.before)
        return explain_({inferred.before, Dependency::wr}, inferred.reader, before, reader);
    const auto path = path_between(inferred.before, inferred.reader);
    if (path.empty())
      return fmt::format("process {} ended {} before it began {}", process(inferred.reader), before, reader);
    std::string way;
    for (const std::uint32_t transaction : path) way += name(transaction) + ", ";
    way.resize(way.size() - 2);
    return fmt::format("reads and sessions lead from {} over {} to {}", before, way, reader);
  }

  // The transactions between the two over reads and sessions, on a shortest way; empty where there is none between.
  std::vector<std::uint32_t> path_between(std::uint32_t from, std::uint32_t to) const {
    const Sessions sessions(observations_);
    std::unordered_map<std::uint32_t, std::uint32_t> next{{to, kNone}};  // towards `to`
    std::vector<std::uint32_t> open{to};
    const auto reach = [&](std::uint32_t source, std::uint32_t target) {
      if (source != kNone && next.try_emplace(source, target).second) open.push_back(source);
    };
    for (std::size_t i = 0; i < open.size() && !next.contains(from); ++i) {
      const std::uint32_t at = open[i];
      reach(sessions.before(at), at);
      for (const Observation& observation : observations_.of(at)) reach(observation.from, at);
    }
    std::vector<std::uint32_t> path;
    if (!next.contains(from)) return path;
    for (std::uint32_t at = next[from]; at != to; at = next[at]) path.push_back(at);
    return path;
  }

  const Transactions& transactions_;
  const Observations& observations_;
  const ViewQuestion& question_;
  const ViewAnswer& answer_;
  const ExplainEdge& explain_;
  Proof proof_;
  std::unordered_map<std::uint32_t, std::size_t> names_;
};

}  // namespace

Proof prove_view(const Observations& observations, const ViewQuestion& question, const ViewAnswer& answer,
                 const ExplainEdge& explain) {
  return Prover(observations, question, answer, explain).run();
}

}  // namespace fracas::checker::isolation
