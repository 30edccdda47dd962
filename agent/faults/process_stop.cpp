#include "agent/faults/process_stop.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "agent/faults/kill_plan.h"
#include "agent/timed_effect.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kStopWaitNs = 5'000'000'000;
constexpr std::int64_t kLookAgainNs = 1'000'000;
// A look that has begun may miss a child of one that had not stopped yet.
constexpr int kQuietLooks = 2;

using Processes = std::vector<os::ProcessIdentity>;

bool contains(const Processes& processes, const os::ProcessIdentity& one) {
  return std::any_of(processes.begin(), processes.end(), [&one](const os::ProcessIdentity& other) {
    return other.pid == one.pid && other.start_ticks == one.start_ticks;
  });
}

bool is_stopped(const os::ProcessIdentity& process) {
  const char state = state_of(process);
  return state == 'T' || state == 't';
}

Status signal_all(const Processes& processes, int signal) {
  Status outcome;
  for (const os::ProcessIdentity& process : processes)
    if (auto sent = signal_process(process, signal); !sent && outcome) outcome = failure(std::move(sent).error());
  return outcome;
}

class ProcessStop final : public TimedEffect {
 public:
  explicit ProcessStop(const Preparation& preparation) : record_(preparation.record), chosen_(*preparation.chosen) {}
  ~ProcessStop() override { static_cast<void>(revert()); }

  std::string mechanism() const override { return "sigstop"; }

  Status arm(const Window& window) override {
    if (!started_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::vector<std::string> processes() const override { return chosen_.seen(); }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    started_ = true;
    auto done = stop_all();
    if (!done) static_cast<void>(revert());
    return done;
  }

  Status revert() override {
    next_ns_.reset();
    if (stopped_.empty()) return {};
    const Processes others = stopped_by_others();
    Processes mine = stopped_;
    std::erase_if(mine, [&others](const os::ProcessIdentity& process) { return contains(others, process); });
    if (auto sent = signal_all(mine, SIGCONT); !sent) return sent;
    stopped_.clear();
    counters_.last_ns = os::boot_now_ns();
    return {};
  }

 private:
  Status stop_all() {
    const std::int64_t deadline = os::boot_now_ns() + kStopWaitNs;
    for (int quiet = 0; quiet < kQuietLooks;) {
      auto fresh = stop_fresh();
      if (!fresh) return failure(std::move(fresh).error());
      const auto running = std::find_if_not(stopped_.begin(), stopped_.end(), [](const os::ProcessIdentity& process) {
        return is_stopped(process) || !process.alive();
      });
      quiet = !*fresh && running == stopped_.end() ? quiet + 1 : 0;
      if (quiet > 0) continue;
      if (os::boot_now_ns() >= deadline) return failure(fmt::format("the {} do not stop", chosen_.words()), ETIMEDOUT);
      os::sleep_until_boot_ns(os::boot_now_ns() + kLookAgainNs);
    }
    count();
    return {};
  }

  // Whether there were processes that it had not seen yet.
  Result<bool> stop_fresh() {
    auto now = chosen_.look();
    if (!now) return failure(std::move(now).error());
    const Processes others = stopped_by_others();
    Processes fresh;
    bool any = false;
    for (const os::ProcessIdentity& process : *now) {
      if (contains(known_, process)) continue;
      known_.push_back(process);
      any = true;
      // Whoever stopped it would not have it go on when we are done.
      if (!is_stopped(process) || contains(others, process)) fresh.push_back(process);
    }
    counters_.matched = known_.size();
    if (fresh.empty()) return any;
    Processes all = stopped_;
    all.insert(all.end(), fresh.begin(), fresh.end());
    if (auto noted = record_.note(to_note({.restart = {}, .killed = all})); !noted)
      return failure(std::move(noted).error());
    stopped_ = std::move(all);
    if (auto sent = signal_all(fresh, SIGSTOP); !sent) return failure(std::move(sent).error());
    return any;
  }

  void count() {
    counters_.affected = static_cast<std::uint64_t>(std::count_if(stopped_.begin(), stopped_.end(), is_stopped));
    if (counters_.affected == 0) return;
    counters_.first_ns = counters_.last_ns = os::boot_now_ns();
  }

  // Those that other pauses of this agent have to let go on.
  Processes stopped_by_others() const {
    Processes found;
    for (const LedgerRecord& record : record_.others()) {
      if (record.kind != "process.pause" || record.note.empty()) continue;
      if (const auto plan = parse_kill_plan(record.note))
        found.insert(found.end(), plan->killed.begin(), plan->killed.end());
    }
    return found;
  }

  FaultRecord& record_;
  ChosenProcesses chosen_;
  std::optional<std::int64_t> next_ns_;
  bool started_ = false;
  Processes known_;
  Processes stopped_;
  model::EffectCounters counters_;
};

}  // namespace

Result<std::unique_ptr<Effect>> stop_chosen(const Preparation& preparation) {
  return std::make_unique<ProcessStop>(preparation);
}

Status continue_chosen(const LedgerRecord& record) {
  if (record.note.empty()) return {};
  const auto plan = parse_kill_plan(record.note);
  if (!plan) return failure(plan.error());
  return signal_all(plan->killed, SIGCONT);
}

}  // namespace fracas::agent
