#include "checker/isolation/views.h"

#include <algorithm>
#include <optional>

#include "checker/isolation/pasts.h"

namespace fracas::checker::isolation {
namespace {

constexpr DependencyMask kEverything = kAllData | mask_of(Dependency::process) | mask_of(Dependency::inferred);

// By key: which transaction's step touched it last, for tables that are used for one transaction after the other.
class Touched {
 public:
  explicit Touched(std::size_t keys) : stamps_(keys, kNone), values_(keys) {}
  void begin(std::uint32_t round) {
    round_ = round;
    keys_.clear();
  }
  void put(std::uint32_t key, std::uint32_t value) {
    if (stamps_[key] != round_) keys_.push_back(key);
    stamps_[key] = round_;
    values_[key] = value;
  }
  bool has(std::uint32_t key) const { return stamps_[key] == round_; }
  std::uint32_t operator[](std::uint32_t key) const { return values_[key]; }
  const std::vector<std::uint32_t>& keys() const { return keys_; }

 private:
  std::uint32_t round_ = kNone;
  std::vector<std::uint32_t> stamps_, values_, keys_;
};

class Judge {
 public:
  Judge(const Observations& observations, const Graph* versions, const ViewQuestion& question, std::size_t bytes)
      : observations_(observations),
        question_(question),
        bytes_(bytes),
        sessions_(observations),
        graph_(observations.size()),
        reads_(observations.transactions().keys.size()) {
    if (question.view == View::causal) question_.sessions = true;
    if (versions != nullptr) add_versions(*versions);
    add_reads_and_sessions();
  }

  ViewAnswer run() && {
    if (question_.view == View::causal) infer_causal();
    if (question_.view != View::causal) infer_by_steps();
    if (question_.view == View::atomic && question_.sessions) infer_by_sessions();
    ViewAnswer answer;
    answer.undecided = undecided_;
    if (first_) {
      answer.broken = true;
      answer.inferred = {*first_};
      return answer;
    }
    graph_.finish();
    answer.cycle = find_cycle(graph_, kEverything);
    answer.broken = !answer.cycle.empty();
    for (std::size_t i = 0; i < answer.cycle.size(); ++i)
      if (answer.cycle[i].dependency == Dependency::inferred)
        answer.inferred.push_back(*std::find_if(inferred_.begin(), inferred_.end(), [&](const Inferred& each) {
          return each.before == answer.cycle[i].transaction &&
                 each.after == answer.cycle[(i + 1) % answer.cycle.size()].transaction;
        }));
    return answer;
  }

 private:
  void add_versions(const Graph& versions) {
    for (std::uint32_t node = 0; node < versions.transactions(); ++node)
      for (std::uint32_t edge = versions.begin(node); edge < versions.end(node); ++edge)
        if (versions.dependency(edge) == Dependency::ww && versions.target(edge) < versions.transactions())
          graph_.add(node, versions.target(edge), Dependency::ww);
  }

  void add_reads_and_sessions() {
    for (std::uint32_t t = 0; t < observations_.size(); ++t) {
      std::uint32_t last = kNone;
      for (const Observation& observation : observations_.of(t)) {
        if (observation.from != kNone && observation.from != last) graph_.add(observation.from, t, Dependency::wr);
        last = observation.from;
      }
      if (question_.sessions && sessions_.before(t) != kNone) graph_.add(sessions_.before(t), t, Dependency::process);
    }
  }

  // `reader` saw `before` and read the key from `after`.
  void infer(std::uint32_t before, std::uint32_t after, std::uint32_t reader, std::uint32_t key) {
    if (before == after) return;
    if (after == kNone) {
      if (!first_) first_ = Inferred{before, after, reader, key};
      return;
    }
    if (!inferred_.empty() && inferred_.back().before == before && inferred_.back().after == after) return;
    inferred_.push_back({before, after, reader, key});
    graph_.add(before, after, Dependency::inferred);
  }

  // From what earlier steps saw to later reads, backwards; for `atomic` from later steps to earlier reads, too.
  void infer_by_steps() {
    for (std::uint32_t t = 0; t < observations_.size(); ++t) {
      const auto all = observations_.of(t);
      if (all.size() < 2) continue;
      reads_.begin(2 * t);
      for (std::size_t i = all.size(); i-- > 0;) infer_from(t, all[i]);
      if (question_.view == View::monotonic) continue;
      reads_.begin(2 * t + 1);
      for (const Observation& observation : all) infer_from(t, observation);
    }
  }

  // Whichever is shorter is walked: the keys that were read or those that were written.
  void infer_from(std::uint32_t reader, const Observation& seen) {
    if (seen.from != kNone) {
      const auto written = observations_.written(seen.from);
      if (written.size() <= reads_.keys().size()) {
        for (const std::uint32_t key : written)
          if (reads_.has(key)) infer(seen.from, reads_[key], reader, key);
      } else {
        for (const std::uint32_t key : reads_.keys())
          if (std::binary_search(written.begin(), written.end(), key)) infer(seen.from, reads_[key], reader, key);
      }
    }
    if (seen.key != kNone) reads_.put(seen.key, seen.from);
  }

  // The last writer of a key in the session; those before it follow by the order of the session.
  void infer_by_sessions() {
    std::vector<std::uint32_t> order(observations_.size());
    for (std::uint32_t t = 0; t < order.size(); ++t) order[t] = t;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return sessions_.session(a) < sessions_.session(b); });
    Touched writers(observations_.transactions().keys.size());
    for (const std::uint32_t t : order) {
      if (sessions_.session(t) == kNone) break;
      if (sessions_.place(t) == 1) writers.begin(sessions_.session(t));
      for (const Observation& seen : observations_.of(t))
        if (seen.key != kNone && writers.has(seen.key)) infer(writers[seen.key], seen.from, t, seen.key);
      for (const std::uint32_t key : observations_.written(t)) writers.put(key, t);
    }
  }

  void infer_causal() {
    const WritersBySession writers(observations_, sessions_);
    Pasts pasts(observations_, sessions_, bytes_);
    const Walk walk = pasts.walk([&](std::uint32_t t, Clock past) {
      for (const Observation& seen : observations_.of(t)) {
        if (seen.key == kNone) continue;
        const Clock known = seen.from == kNone ? Clock{} : pasts.of(seen.from);
        for (const WritersBySession::Group& group : writers.of(seen.key)) {
          const std::uint32_t from = known.empty() ? 0 : known[group.session], to = past[group.session];
          if (to <= from) continue;  // what came before the writer anyway says nothing
          const std::uint32_t writer = writers.last(group, to);
          if (writer != kNone && sessions_.place(writer) > from) infer(writer, seen.from, t, seen.key);
        }
      }
    });
    undecided_ = walk == Walk::too_large;
  }

  const Observations& observations_;
  ViewQuestion question_;
  std::size_t bytes_;
  Sessions sessions_;
  Graph graph_;
  Touched reads_;
  std::vector<Inferred> inferred_;
  std::optional<Inferred> first_;  // that needs something before the initial value
  bool undecided_ = false;
};

}  // namespace

ViewAnswer judge_view(const Observations& observations, const Graph* versions, const ViewQuestion& question,
                      std::size_t bytes) {
  return Judge(observations, versions, question, bytes).run();
}

}  // namespace fracas::checker::isolation
