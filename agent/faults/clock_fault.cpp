#include "agent/faults/clock_fault.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "agent/clock/patch.h"
#include "agent/clock/probe.h"
#include "agent/clock/sweep.h"
#include "agent/clock/witness.h"
#include "agent/faults/machine_clock_fault.h"
#include "agent/timed_effect.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

// How often later children, and reads of the shifted clock, are looked for.
constexpr std::int64_t kLookEveryNs = 50'000'000;
// Longer than any monotonic shift takes to melt away.
constexpr Duration kMeltPatience = clock::kMonotonicShiftMax * 2;
constexpr int kHex = 16;

Result<std::uint64_t> draw_owner() {
  std::uint64_t owner = 0;
  if (::getrandom(&owner, sizeof owner, 0) != sizeof owner) return system_failure("draw a number");
  return owner;
}

class ClockShift final : public TimedEffect {
 public:
  ClockShift(const clock::Skew& skew, std::uint64_t owner, std::vector<ServiceSite> victims)
      : skew_(skew), owner_(owner), victims_(std::move(victims)) {}
  ~ClockShift() override {
    if (!reverted_) static_cast<void>(revert());
  }

  // Patches everything that runs now.
  Status attach_all() {
    auto found = processes();
    if (!found) return failure(std::move(found).error());
    for (const os::ProcessIdentity& process : *found)
      if (auto attached = add(process); !attached) return attached;
    return {};
  }

  std::string mechanism() const override { return fast_ ? "vdso patch" : "vdso patch, by system calls"; }

  Status arm(const Window& window) override {
    if (auto valid = clock::check_skew(skew_, window); !valid) return valid;
    if (!config_) {
      config_ = clock::make_config(skew_, window, clock::ClockReadings::now());
      next_ns_ = os::boot_now_ns() + kLookEveryNs;
    }
    window_ = window;
    move_end();
    return {};
  }

  void renew(std::int64_t lease_end_ns) override {
    lease_end_ns_ = lease_end_ns;
    if (config_) move_end();
  }

  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  // A process that cannot be patched, because it is traced or ends right now, is found but not affected.
  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    auto found = processes();
    if (!found) return failure(std::move(found).error());
    for (const os::ProcessIdentity& process : *found)
      if (auto added = add(process); !added && added.error().code != ESRCH) log::warning("{}", added.error().message);
    look_for_readers();
    next_ns_ = os::boot_now_ns() + kLookEveryNs;
    return {};
  }

  model::EffectCounters counters() const override { return counters_; }

  Status revert() override {
    look_for_readers();
    next_ns_.reset();
    config_.reset();
    if (auto recovered = clock::recover_all(owner_, kMeltPatience); !recovered) return recovered;
    reverted_ = true;
    known_.clear();
    return {};
  }

 private:
  struct Known {
    std::uint64_t start_ticks = 0;
    bool patched = false;
    bool affected = false;
    std::optional<clock::Witness> witness;
  };

  Result<std::vector<os::ProcessIdentity>> processes() const {
    std::vector<os::ProcessIdentity> all;
    for (const ServiceSite& victim : victims_) {
      auto found = processes_of(victim);
      if (!found) return failure(std::move(found).error());
      all.insert(all.end(), found->begin(), found->end());
    }
    return all;
  }

  // A process known already is looked at again: exec gives it a fresh vDSO, and a child inherits a patched one.
  Status add(const os::ProcessIdentity& process) {
    Known& known = known_[process.pid];
    const bool is_new = known.start_ticks != process.start_ticks;
    if (is_new) {
      known = {};
      known.start_ticks = process.start_ticks;
      ++counters_.matched;
    }
    const auto now = clock::look_into(process.pid);
    const bool patched = now && *now && (*now)->owner == owner_;
    if (!is_new && (patched || !known.patched)) return {};
    const auto fast = clock::attach(process.pid, owner_);
    if (!fast) return failure(fast.error());
    fast_ = fast_ && *fast;
    known.patched = true;
    known.witness.reset();
    if (!config_) return {};
    watch(process.pid, known);
    return configure(process.pid);
  }

  // What a process has already stays but for its end: a forked child goes on as its parent did.
  Status configure(pid_t pid) const {
    const auto header = clock::look_into(pid);
    if (!header) return failure(header.error());
    if (!*header) return failure(fmt::format("process {} is not patched", pid), ENOENT);
    const auto now = clock::ClockReadings::now();
    const fracas_clock_config& current = clock::current_config(**header);
    const auto config = clock::has_window(current) ? current : clock::begun_late(*config_, now);
    return clock::configure(pid, owner_, clock::with_end(config, std::min(window_.end_ns, lease_end_ns_), now));
  }

  void move_end() {
    for (auto& [pid, known] : known_) {
      if (!known.patched) continue;
      if (!known.witness && !known.affected) watch(pid, known);
      if (auto set = configure(pid); !set && set.error().code != ESRCH && set.error().code != ENOENT)
        log::warning("{}", set.error().message);
    }
  }

  // Before the shift begins, so that the first shifted read is seen.
  static void watch(pid_t pid, Known& known) {
    auto witness = clock::Witness::watch(pid);
    if (witness) known.witness.emplace(std::move(*witness));
  }

  // Threads come and go, so a process that was not seen yet is watched anew.
  void look_for_readers() {
    if (!config_) return;
    for (auto& [pid, known] : known_) {
      if (!known.patched || known.affected) continue;
      if (!known.witness || !known.witness->seen()) {
        watch(pid, known);
        continue;
      }
      known.affected = true;
      known.witness.reset();
      ++counters_.affected;
      counters_.last_ns = os::boot_now_ns();
      if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
    }
  }

  const clock::Skew skew_;
  const std::uint64_t owner_;
  const std::vector<ServiceSite> victims_;
  std::map<pid_t, Known> known_;
  Window window_;
  std::int64_t lease_end_ns_ = 0;
  std::optional<fracas_clock_config> config_;  // from arm on
  std::optional<std::int64_t> next_ns_;
  bool fast_ = true;
  bool reverted_ = false;
  model::EffectCounters counters_;
};

}  // namespace

Result<Duration> parse_offset(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  auto length = parse_duration(text);
  if (!length) return failure(length.error().message, EINVAL);
  return negative ? -*length : *length;
}

Status choose_clocks(model::Clocks clocks, clock::Skew& skew) {
  skew.realtime = clocks == model::CLOCKS_REALTIME || clocks == model::CLOCKS_BOTH;
  skew.monotonic = clocks == model::CLOCKS_MONOTONIC || clocks == model::CLOCKS_BOTH;
  if (!skew.realtime && !skew.monotonic)
    return failure("unknown clocks " + std::to_string(static_cast<int>(clocks)), EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare_clock(const clock::Skew& skew, const Preparation& preparation) {
  const auto owner = draw_owner();
  if (!owner) return failure(owner.error());
  if (auto noted = preparation.record.note(fmt::format("{:x}", *owner)); !noted)
    return failure(std::move(noted).error());
  auto effect = std::make_unique<ClockShift>(skew, *owner, preparation.victims);
  // On failure the destructor restores those patched so far.
  if (auto attached = effect->attach_all(); !attached && attached.error().code != ESRCH)
    return failure(std::move(attached).error());
  return effect;
}

// Without a note no process was touched yet.
Status undo_clock(const LedgerRecord& record, KilledServices /*killed*/) {
  if (record.note.empty()) return {};
  if (is_machine_clock_note(record.note)) return undo_machine_clock(record.note);
  std::uint64_t owner = 0;
  const char* end = record.note.data() + record.note.size();
  if (const auto read = std::from_chars(record.note.data(), end, owner, kHex);
      read.ec != std::errc() || read.ptr != end)
    return failure("its note cannot be read: " + record.note);
  return clock::recover_all(owner, kMeltPatience);
}

FaultSupport probe_clock_fault() {
  const auto support = clock::probe_clock();
  if (!support) return {.missing = support.error().message};
  std::string accuracy = support->fast ? "1 ns, at vDSO speed" : "1 ns, ten times slower reads";
  if (!support->witnessed) accuracy += "; its effect cannot be counted: no hardware breakpoints";
  return {.available = true, .mechanism = "vdso patch", .accuracy = std::move(accuracy)};
}

}  // namespace fracas::agent
