#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/history/history.h"
#include "checker/linearizability/breadth_first.h"
#include "checker/linearizability/finding.h"
#include "checker/linearizability/timeline.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// A call of a register as a stream tells it: with values, because numbers of states are those of one stretch alone.
struct StreamedCall {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  Value first;   // read: what it saw; write: the new value; cas and mismatch: the expected one
  Value second;  // cas: the new one
  CallKind kind = CallKind::read;
  bool required = false;  // as Call::required
  std::string process;
};

// All that one register may hold, after a history that is told stretch by stretch and forgotten: the configurations of
// the just-in-time search at its end, and the calls that are still pending there. Exact: the answer is that of the
// whole history. What it holds is bounded by the concurrency, and by the calls of unknown outcome that changed
// something: one that nobody has observed yet may be observed at any time.
class Frontier {
 public:
  explicit Frontier(Value initial);

  // `calls` have been invoked since the last stretch, by `until_ns`, in the order of their invocations; all their
  // outcomes are known, also of those that return later. Explores at most so many configurations; unknown = that was
  // not enough, and there is nothing to go on from. REQUIRES: the stretch before was linearizable.
  Linearizable advance(std::vector<StreamedCall> calls, std::int64_t until_ns, std::uint64_t configurations_max);

  // After a violation: the calls of the last stretch, those pending at its beginning among them, by invocation; the one
  // of which no order passes the return; and what the register held before, where that is one value.
  std::span<const StreamedCall> last_calls() const { return calls_; }
  std::uint32_t refused() const { return refused_; }
  std::optional<Value> held_before() const;

  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const;
  // Replaces every value it holds by what `renew` makes of it.
  template <typename Renew>
  void renew_values(const Renew& renew) {
    std::unordered_map<Value, std::vector<Spare>> unknown;
    for (auto& [value, spares] : unknown_) {
      for (auto& [call, count] : spares) call.first = renew(call.first), call.second = renew(call.second);
      unknown.emplace(renew(value), std::move(spares));
    }
    unknown_ = std::move(unknown);
    for (StreamedCall& call : carried_) call.first = renew(call.first), call.second = renew(call.second);
    for (Place& place : places_) place.held = renew(place.held);
  }

 private:
  // One configuration, without a timeline.
  struct Place {
    Value held;
    std::uint32_t write_step = 0;  // as in configuration.h
    std::vector<bool> spent;       // by carried call: it took effect
  };

  // Calls of unknown outcome that do the same. All are pending: nobody can tell them apart.
  struct Spare {
    StreamedCall call;  // the first of them
    std::size_t count = 0;
  };

  void wake_unknown();
  void take(Spare& spare, std::size_t needed);
  void put_back(const StreamedCall& call);
  Problem number_values(std::vector<State>& held);
  std::vector<Configuration> starts(const Timeline& timeline, std::span<const State> held) const;
  void carry(const Timeline& timeline, const ConfigurationSet& layer, std::int64_t until_ns);
  std::vector<std::uint32_t> choose_kept(const Timeline& timeline, const ConfigurationSet& layer,
                                         std::int64_t until_ns);

  std::vector<StreamedCall> carried_;       // pending at the end, by invocation
  std::vector<std::uint32_t> first_steps_;  // by carried call: its rank among their first steps
  std::uint32_t ranks_ = 0;
  std::vector<Place> places_;
  // Of unknown outcome, and not needed so far: by the value they bring about.
  std::unordered_map<Value, std::vector<Spare>> unknown_;

  std::vector<StreamedCall> calls_;  // of the stretch that is looked at
  std::vector<Value> values_;        // by state of that stretch
  std::uint32_t refused_ = 0;
  std::uint64_t explored_ = 0;
};

}  // namespace fracas::checker
