#include "agent/faults/clock_shift.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "agent/clock/deadline.h"
#include "agent/clock/sweep.h"
#include "agent/clock/track.h"
#include "agent/faults/clock_victims.h"
#include "agent/timed_effect.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

// How often reads of the shifted clock are looked for, and new processes where nobody tells of them.
constexpr std::int64_t kLookEveryNs = 50'000'000;
// How often chosen processes are looked for among all of the host.
constexpr std::int64_t kChooseEveryNs = 500'000'000;
// How often all processes are looked at although somebody tells of new ones: some may have been moved here.
constexpr std::int64_t kSweepEveryNs = 1'000'000'000;
// Longer than any monotonic shift takes to melt away.
constexpr Duration kMeltPatience = clock::kMonotonicShiftMax * 2;
// The follower says this often that it is alive, and for how long it may be believed.
constexpr Duration kBeatEvery = 20ms;
constexpr std::int64_t kBeatNs = 500'000'000;
// A program that begins just before the window must be patched when it begins.
constexpr std::int64_t kHoldAheadNs = 50'000'000;

class ClockShift final : public TimedEffect {
 public:
  ClockShift(const clock::Skew& skew, std::uint64_t owner, const Preparation& preparation)
      : skew_(skew),
        owner_(owner),
        services_(preparation.victims),
        chosen_(preparation.chosen),
        record_(preparation.record),
        victims_(owner) {}
  ~ClockShift() override {
    if (!reverted_) static_cast<void>(revert());
  }

  // Follows the victims first, so that nobody is born unseen, then patches everything that runs now.
  Status attach_all() {
    follow();
    auto found = find_victims();
    if (!found) return failure(std::move(found).error());
    const std::lock_guard lock(mutex_);
    for (const os::ProcessIdentity& process : *found)
      if (auto attached = victims_.add(process); !attached && attached.error().code != ESRCH) return attached;
    publish();
    return {};
  }

  std::string mechanism() const override {
    const std::lock_guard lock(published_mutex_);
    std::string text = published_fast_ ? "vdso patch" : "vdso patch, by system calls";
    return repairs_ ? text + ", deadlines repaired" : text;
  }

  Status arm(const Window& window) override {
    if (auto valid = clock::check_skew(skew_, window); !valid) return valid;
    const std::lock_guard lock(mutex_);
    window_ = window;
    if (!victims_.begun()) {
      victims_.begin(clock::make_config(skew_, window, clock::ClockReadings::now()));
      next_ns_ = os::boot_now_ns() + kLookEveryNs;
    }
    move_end();
    return {};
  }

  // Does not wait for the follower, which may be waiting for a process to stop: that does it then.
  void renew(std::int64_t lease_end_ns) override {
    lease_end_ns_ = lease_end_ns;
    end_moved_ = true;
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock) take_over_end();
  }

  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    const std::lock_guard lock(mutex_);
    victims_.look_for_readers();
    if (must_sweep(now_ns))
      if (auto swept = sweep(); !swept) return swept;
    publish();
    next_ns_ = os::boot_now_ns() + kLookEveryNs;
    return {};
  }

  model::EffectCounters counters() const override {
    const std::lock_guard lock(published_mutex_);
    return published_;
  }

  std::vector<std::string> processes() const override {
    const std::lock_guard lock(published_mutex_);
    return published_processes_;
  }

  Status revert() override {
    next_ns_.reset();
    unfollow();
    const std::lock_guard lock(mutex_);
    victims_.look_for_readers();
    publish();
    if (deadlines_) deadlines_->configure({});
    if (auto recovered = clock::recover_all(owner_, kMeltPatience); !recovered) return recovered;
    deadlines_.reset();
    reverted_ = true;
    return {};
  }

 private:
  std::int64_t end_ns() const { return std::min(window_.end_ns, lease_end_ns_.load()); }

  // REQUIRES: mutex_ held.
  void take_over_end() {
    if (end_moved_.exchange(false) && victims_.begun()) move_end();
  }
  // REQUIRES: mutex_ held.
  void publish() {
    const std::lock_guard lock(published_mutex_);
    published_ = victims_.counters();
    published_fast_ = victims_.fast();
    if (chosen_) published_processes_ = chosen_->seen();
  }

  // REQUIRES: mutex_ held.
  void move_end() {
    victims_.move_end(end_ns());
    if (tracker_) tracker_->hold(window_.start_ns - kHoldAheadNs, end_ns());
    if (deadlines_)
      deadlines_->configure(clock::make_deadline_config(skew_, {.start_ns = window_.start_ns, .end_ns = end_ns()},
                                                        clock::ClockReadings::now()));
  }

  Result<std::vector<os::ProcessIdentity>> find_victims() {
    if (chosen_) return chosen_->look();
    std::vector<os::ProcessIdentity> all;
    for (const ServiceSite& service : services_) {
      auto found = processes_of(service);
      if (!found) return failure(std::move(found).error());
      all.insert(all.end(), found->begin(), found->end());
    }
    return all;
  }

  // REQUIRES: mutex_ held.
  bool must_sweep(std::int64_t now_ns) {
    const std::uint64_t lost = tracker_ ? tracker_->lost() : 0;
    if (chosen_ && now_ns < swept_ns_ + kChooseEveryNs) return false;
    if (tracker_ && std::exchange(lost_, lost) == lost && now_ns < swept_ns_ + kSweepEveryNs) return false;
    swept_ns_ = now_ns;
    return true;
  }

  // A process that cannot be patched, because it is traced or ends right now, is found but not affected.
  // REQUIRES: mutex_ held.
  Status sweep() {
    auto found = find_victims();
    if (!found) return failure(std::move(found).error());
    victims_.keep_only(*found);
    for (const os::ProcessIdentity& process : *found) add(process);
    return {};
  }

  void add(const os::ProcessIdentity& process) {
    if (auto added = victims_.add(process); !added && added.error().code != ESRCH)
      log::warning("{}", added.error().message);
  }

  // Without a tracker the sweeps alone find what is new.
  void follow() {
    std::vector<std::filesystem::path> cgroups;
    for (const ServiceSite& service : services_)
      if (!service.cgroup.empty()) cgroups.push_back(service.cgroup);
    if (chosen_ || cgroups.size() != services_.size()) return;
    auto tracker = clock::ProcessTracker::attach(cgroups);
    if (!tracker) {
      log::info("new processes are looked for every 50 ms: {}", tracker.error().message);
      return;
    }
    tracker_.emplace(std::move(*tracker));
    victims_.report_to(&*tracker_);
    if (skew_.realtime) {
      auto deadlines = clock::DeadlineRepair::attach(*tracker_);
      if (deadlines) deadlines_.emplace(std::move(*deadlines));
      repairs_ = deadlines_.has_value();
    }
    follower_ = std::jthread([this](const std::stop_token& stop) { meet_new_processes(stop); });
  }

  // Nobody is held from here on, and who was goes on.
  void unfollow() {
    if (!tracker_) return;
    tracker_->beat(0);
    follower_ = {};
    let_go_on(tracker_->wait(0ns));
    const std::lock_guard lock(mutex_);
    victims_.report_to(nullptr);
    tracker_.reset();
  }

  void meet_new_processes(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      tracker_->beat(os::boot_now_ns() + kBeatNs);
      const std::vector<clock::ProcessEvent> events = tracker_->wait(kBeatEvery);
      if (end_moved_) {
        const std::lock_guard lock(mutex_);
        take_over_end();
      }
      if (events.empty()) continue;
      if (const auto held = hold_record(stop); held && record_.exists()) {
        const std::lock_guard lock(mutex_);
        for (const clock::ProcessEvent& event : events) {
          tracker_->beat(os::boot_now_ns() + kBeatNs);
          meet(event);
        }
        publish();
      }
      let_go_on(events);
    }
  }

  // A child that begins a program right now changes under our hands: then the next event is of that.
  // REQUIRES: mutex_ held.
  void meet(const clock::ProcessEvent& event) {
    const auto process = os::ProcessIdentity::of(event.pid);
    if (!process) return;
    if (event.runs) victims_.begins_program(*process, event.held);
    if (auto added = victims_.add(*process); !added && event.runs && added.error().code != ESRCH)
      log::warning("{}", added.error().message);
  }

  // Against the guardian, which may be undoing the fault of an agent that was stopped for long.
  std::optional<FaultRecord::Hold> hold_record(const std::stop_token& stop) {
    while (!stop.stop_requested())
      if (auto held = record_.hold(kBeatEvery)) return std::move(*held);
    return std::nullopt;
  }

  static void let_go_on(const std::vector<clock::ProcessEvent>& events) {
    for (const clock::ProcessEvent& event : events)
      if (event.held) clock::let_go(event.pid);
  }

  const clock::Skew skew_;
  const std::uint64_t owner_;
  const std::vector<ServiceSite> services_;
  std::optional<ChosenProcesses> chosen_;
  FaultRecord& record_;
  mutable std::mutex mutex_;  // taken after the record is held; guards what follows against the follower
  ClockVictims victims_;
  std::optional<clock::ProcessTracker> tracker_;  // the follower waits on it without the mutex
  std::optional<clock::DeadlineRepair> deadlines_;
  Window window_;
  std::atomic<std::int64_t> lease_end_ns_ = 0;
  std::atomic<bool> end_moved_ = false;  // the lease's end has changed, and the victims do not know yet
  std::uint64_t lost_ = 0;
  std::int64_t swept_ns_ = 0;
  std::optional<std::int64_t> next_ns_;
  bool reverted_ = false;
  bool repairs_ = false;
  mutable std::mutex published_mutex_;  // guards what follows: reports do not wait for the follower either
  model::EffectCounters published_;
  std::vector<std::string> published_processes_;
  bool published_fast_ = true;
  std::jthread follower_;
};

}  // namespace

Result<std::unique_ptr<Effect>> shift_clocks(const clock::Skew& skew, std::uint64_t owner,
                                             const Preparation& preparation) {
  auto effect = std::make_unique<ClockShift>(skew, owner, preparation);
  // On failure the destructor restores those patched so far.
  if (auto attached = effect->attach_all(); !attached && attached.error().code != ESRCH)
    return failure(std::move(attached).error());
  return effect;
}

}  // namespace fracas::agent
