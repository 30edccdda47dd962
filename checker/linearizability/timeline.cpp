#include "checker/linearizability/timeline.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace fracas::checker {
namespace {

// The latest return of a mismatch, which sees every state but the one it expected.
class Mismatches {
 public:
  void add(const Call& call) {
    if (call.first == expected_ || latest_ns_ < 0) {
      expected_ = call.first;
      latest_ns_ = std::max(latest_ns_, call.return_ns);
    } else if (call.return_ns > latest_ns_) {
      other_ns_ = latest_ns_;
      latest_ns_ = call.return_ns;
      expected_ = call.first;
    } else {
      other_ns_ = std::max(other_ns_, call.return_ns);
    }
  }
  // Of those that fit `state`; -1 when there is none.
  std::int64_t latest(State state) const { return state == expected_ ? other_ns_ : latest_ns_; }

 private:
  State expected_ = kElsewhere;  // by the one that returned last
  std::int64_t latest_ns_ = -1;  // its return
  std::int64_t other_ns_ = -1;   // of the last that expected something else
};

// When the last call that could observe this optional call's effect returns; -1 when there is none. An optional
// compare-and-set that is itself useless does not count, hence the repetition.
std::vector<std::int64_t> useful_until(const Problem& problem) {
  std::vector<std::int64_t> until(problem.calls.size(), kNever);
  Mismatches mismatches;
  for (const Call& call : problem.calls)
    if (call.kind == CallKind::mismatch) mismatches.add(call);
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<std::int64_t> state_used_until(problem.states, -1);
    for (std::size_t i = 0; i < problem.calls.size(); ++i) {
      const Call& call = problem.calls[i];
      if (call.kind == CallKind::append || call.kind == CallKind::step || observed(call) == kElsewhere ||
          (!call.required && until[i] < 0))
        continue;
      state_used_until[observed(call)] = std::max(state_used_until[observed(call)], call.return_ns);
    }
    for (std::size_t i = 0; i < problem.calls.size(); ++i) {
      const Call& call = problem.calls[i];
      if (call.required || until[i] < 0 || call.kind == CallKind::step) continue;
      std::int64_t used = -1;
      if (call.kind == CallKind::append)
        used = problem.element_used_until[call.first];
      else if (produced(call) != kElsewhere)
        used = std::max(state_used_until[produced(call)], mismatches.latest(produced(call)));
      const std::int64_t useful = used < call.invoke_ns ? -1 : used;
      changed = changed || (useful < 0 && call.kind == CallKind::cas);
      until[i] = useful;
    }
  }
  return until;
}

std::vector<std::uint32_t> effects_of(const Problem& problem) {
  std::map<std::tuple<CallKind, State, State>, std::uint32_t> ids;
  std::vector<std::uint32_t> effect;
  effect.reserve(problem.calls.size());
  for (const Call& call : problem.calls)
    effect.push_back(
        ids.try_emplace({call.kind, call.first, call.second}, static_cast<std::uint32_t>(ids.size())).first->second);
  return effect;
}

// Equal times are concurrent: invocations sort before returns, and a return before the end of a usefulness.
enum class Moment : std::uint8_t { invoke, returned, expired };
struct Event {
  std::int64_t at_ns;
  Moment moment;
  std::uint32_t call;
};

std::vector<Event> events_of(const Problem& problem, const std::vector<std::int64_t>& until) {
  std::vector<Event> events;
  events.reserve(2 * problem.calls.size());
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    if (!call.required && until[i] < 0) continue;
    events.push_back({call.invoke_ns, Moment::invoke, i});
    if (call.required) events.push_back({call.return_ns, Moment::returned, i});
    if (!call.required && until[i] != kNever) events.push_back({until[i], Moment::expired, i});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.at_ns, a.moment) < std::tie(b.at_ns, b.moment);
  });
  return events;
}

class Builder {
 public:
  Builder(const Problem& problem, std::size_t bytes_max) : problem_(problem), bytes_max_(bytes_max) {
    timeline_.slot.assign(problem.calls.size(), kNone);
    timeline_.first_step.assign(problem.calls.size(), 0);
    timeline_.effect = effects_of(problem);
  }

  std::optional<Timeline> build() {
    for (const Event& event : events_of(problem_, useful_until(problem_))) {
      if (event.moment == Moment::invoke) invoke(event.call);
      if (event.moment == Moment::returned) close(event.call);
      if (event.moment == Moment::expired) {
        timeline_.expired_slots.push_back(timeline_.slot[event.call]);
        release(event.call);
      }
      if (timeline_.pending.size() * sizeof(std::uint32_t) > bytes_max_) return std::nullopt;
    }
    timeline_.steps.push_back(next_);
    return std::move(timeline_);
  }

 private:
  void invoke(std::uint32_t call) {
    if (free_.empty()) free_.push_back(timeline_.slots++);
    timeline_.slot[call] = free_.back();
    free_.pop_back();
    const auto step = static_cast<std::uint32_t>(timeline_.steps.size());
    timeline_.first_step[call] = step;
    const auto at = std::upper_bound(now_.begin(), now_.end(), call, [&](std::uint32_t a, std::uint32_t b) {
      return problem_.calls[a].return_ns < problem_.calls[b].return_ns;
    });
    now_.insert(at, call);
    if (!is_pure(problem_.calls[call])) return;
    timeline_.fresh.push_back(call);
    timeline_.last_read_first_step = step;
  }

  void close(std::uint32_t call) {
    next_.target = call;
    next_.pending = timeline_.pending.size();
    timeline_.steps.push_back(next_);
    timeline_.pending.insert(timeline_.pending.end(), now_.begin(), now_.end());
    next_ = {0, timeline_.pending.size(), timeline_.fresh.size(), timeline_.expired_slots.size()};
    release(call);
  }

  void release(std::uint32_t call) {
    now_.erase(std::find(now_.begin(), now_.end(), call));
    free_.push_back(timeline_.slot[call]);
  }

  const Problem& problem_;
  std::size_t bytes_max_;
  Timeline timeline_;
  Timeline::Step next_;
  std::vector<std::uint32_t> now_;   // pending, by return time
  std::vector<std::uint32_t> free_;  // slots
};

}  // namespace

std::optional<Timeline> build_timeline(const Problem& problem, std::size_t bytes_max) {
  return Builder(problem, bytes_max).build();
}

}  // namespace fracas::checker
