#include "checker/linearizability/timeline.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

#include "checker/linearizability/nearly_sorted.h"

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
  if (std::all_of(problem.calls.begin(), problem.calls.end(), [](const Call& call) { return call.required; }))
    return until;
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

// Numbers what the calls do.
void number_effects(const Problem& problem, Timeline& timeline) {
  TransitionTable compares;  // expected and new state
  std::uint32_t known = 0;
  timeline.effect.reserve(problem.calls.size());
  for (const Call& call : problem.calls) {
    if (call.kind != CallKind::cas) known = std::max(known, call.first == kElsewhere ? 0 : call.first + 1);
    if (call.kind == CallKind::cas && compares.find(call.first, call.second) == nullptr)
      compares.put(call.first, call.second, timeline.effects++);
  }
  for (const Call& call : problem.calls)
    timeline.effect.push_back(call.kind == CallKind::cas ? known + *compares.find(call.first, call.second)
                                                         : call.first);
  timeline.effects += known;
}

// The end of a call, or of its usefulness. Equal times are concurrent: invocations come before ends, returns first.
struct End {
  std::int64_t at_ns = 0;
  std::uint32_t call = 0;
  bool expires = false;
  bool operator<(const End& other) const {
    return at_ns != other.at_ns ? at_ns < other.at_ns : expires < other.expires;
  }
};

class Builder {
 public:
  Builder(const Problem& problem, std::size_t bytes_max, const Stretch* stretch)
      : problem_(problem), bytes_max_(bytes_max), stretch_(stretch) {
    timeline_.slot.assign(problem.calls.size(), kNone);
    timeline_.first_step.assign(problem.calls.size(), 0);
    number_effects(problem, timeline_);
  }

  std::optional<Timeline> build() {
    collect_ends();
    std::uint32_t next = carry_over();  // call to be invoked
    const auto invoke_until = [&](std::int64_t at_ns) {
      for (; next < problem_.calls.size() && problem_.calls[next].invoke_ns <= at_ns; ++next)
        if (problem_.calls[next].required || useful_until_[next] >= 0) invoke(next);
    };
    for (const End& end : ends_) {
      invoke_until(end.at_ns);
      if (!end.expires) {
        close(end.call);
      } else {
        timeline_.expired_slots.push_back(timeline_.slot[end.call]);
        release(optional_, end.call);
      }
      if (timeline_.bytes() > bytes_max_) return std::nullopt;
    }
    invoke_until(kNever);
    next_.optional = next_.pending;
    timeline_.steps.push_back(next_);
    return std::move(timeline_);
  }

 private:
  // Begins with the calls that were pending before; how many there are.
  std::uint32_t carry_over() {
    if (stretch_ == nullptr) return 0;
    timeline_.steps.resize(stretch_->first_step);
    const auto carried = static_cast<std::uint32_t>(stretch_->first_steps.size());
    for (std::uint32_t i = 0; i < carried; ++i) {
      if (!problem_.calls[i].required && useful_until_[i] < 0) continue;
      invoke(i);
      timeline_.first_step[i] = stretch_->first_steps[i];
    }
    return carried;
  }

  void collect_ends() {
    useful_until_ = useful_until(problem_);
    if (stretch_ != nullptr) return collect_ends_of_stretch();
    for (std::uint32_t i = 0; i < problem_.calls.size(); ++i) {
      const Call& call = problem_.calls[i];
      if (call.required) ends_.push_back({call.return_ns, i, false});
      std::int64_t& until = useful_until_[i];
      if (call.required || until < 0) continue;
      // Until its return it may take effect, though nobody returns then: that is a step of its own.
      if (call.return_ns != kNever && call.return_ns <= until)
        ends_.push_back({call.return_ns, i, false});
      else if (until != kNever)
        ends_.push_back({until, i, true});
    }
    sort_nearly_sorted(ends_, std::less<End>());
  }

  void collect_ends_of_stretch() {
    for (std::size_t i = 0; i < stretch_->spent.size(); ++i)
      if (stretch_->spent[i]) useful_until_[i] = kNever;
    for (std::uint32_t i = 0; i < problem_.calls.size(); ++i)
      if (problem_.calls[i].required && problem_.calls[i].return_ns <= stretch_->until_ns)
        ends_.push_back({problem_.calls[i].return_ns, i, false});
    sort_nearly_sorted(ends_, std::less<End>());
  }

  void invoke(std::uint32_t call) {
    if (free_.empty()) free_.push_back(timeline_.slots++);
    timeline_.slot[call] = free_.back();
    free_.pop_back();
    const auto step = static_cast<std::uint32_t>(timeline_.steps.size());
    timeline_.first_step[call] = step;
    auto& now = problem_.calls[call].required ? required_ : optional_;
    auto at = now.end();  // the latest invoked are among the last to return
    while (at != now.begin() && problem_.calls[*std::prev(at)].return_ns > problem_.calls[call].return_ns) --at;
    now.insert(at, call);
    if (!is_pure(problem_.calls[call])) return;
    timeline_.fresh.push_back(call);
    timeline_.last_read_first_step = step;
  }

  void close(std::uint32_t call) {
    next_.target = call;
    next_.pending = timeline_.pending.size();
    next_.optional = next_.pending + required_.size();
    timeline_.steps.push_back(next_);
    timeline_.pending.insert(timeline_.pending.end(), required_.begin(), required_.end());
    timeline_.pending.insert(timeline_.pending.end(), optional_.begin(), optional_.end());
    next_ = {0, timeline_.pending.size(), 0, timeline_.fresh.size(), timeline_.expired_slots.size()};
    release(problem_.calls[call].required ? required_ : optional_, call);
  }

  void release(std::vector<std::uint32_t>& now, std::uint32_t call) {
    now.erase(std::find(now.begin(), now.end(), call));
    free_.push_back(timeline_.slot[call]);
  }

  const Problem& problem_;
  std::size_t bytes_max_;
  const Stretch* stretch_;  // null: the whole history
  Timeline timeline_;
  Timeline::Step next_;
  std::vector<End> ends_;  // by time
  std::vector<std::int64_t> useful_until_;
  std::vector<std::uint32_t> required_, optional_;  // pending, by return time
  std::vector<std::uint32_t> free_;                 // slots
};

}  // namespace

std::optional<Timeline> build_timeline(const Problem& problem, std::size_t bytes_max) {
  return Builder(problem, bytes_max, nullptr).build();
}

Timeline build_timeline(const Problem& problem, const Stretch& stretch) {
  return *Builder(problem, std::numeric_limits<std::size_t>::max(), &stretch).build();
}

}  // namespace fracas::checker
