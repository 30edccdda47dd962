#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>

#include "agent/clock/skew.h"
#include "agent/clock/track.h"
#include "agent/clock/witness.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/os/process.h"

namespace fracas::agent {

// The processes of one clock fault: patched as they are found, shifted once there is a window, and counted: those
// found, and those seen to read the shifted clock. Thread: one at a time. Destruction restores nothing; see
// clock::recover_all.
class ClockVictims {
 public:
  explicit ClockVictims(std::uint64_t owner) : owner_(owner) {}

  // Patches it, and shifts its clock if there is a window. A process known already is looked at again: exec gives it a
  // fresh vDSO, and a child inherits a patched one. ERRORS: those of clock::attach.
  Status add(const os::ProcessIdentity& process);
  // It begins another program, so what became of it before counts no more. `held`: before its first instruction it is
  // stopped until it is added; having read no clock yet, it never sees a MONOTONIC one that is not shifted.
  void begins_program(const os::ProcessIdentity& process, bool held);
  // Those known before that are not among `processes` are forgotten; what they counted stays.
  void keep_only(const std::vector<os::ProcessIdentity>& processes);

  // The clocks are shifted by `config` once `move_end` has said until when, in CLOCK_BOOTTIME; it may be moved again.
  void begin(const fracas_clock_config& config) { config_ = config; }
  void move_end(std::int64_t end_ns);
  bool begun() const { return config_.has_value(); }

  // Threads come and go, so a process that was not seen yet is watched anew.
  void look_for_readers();
  // Who is told which processes are patched; null: nobody. REQUIRES: it outlives this, or is taken back.
  void report_to(clock::ProcessTracker* tracker) { tracker_ = tracker; }

  // Whether all reads so far stay at vDSO speed.
  bool fast() const { return fast_; }
  const model::EffectCounters& counters() const { return counters_; }

 private:
  struct Known {
    std::uint64_t start_ticks = 0;
    int refusals = 0;     // attempts to patch this program that failed
    bool unread = false;  // it has read no clock yet
    bool patched = false;
    bool affected = false;
    std::optional<clock::Witness> witness;
  };

  Known& know(const os::ProcessIdentity& process);
  Status configure(pid_t pid, bool unread) const;
  static void watch(pid_t pid, Known& known);

  const std::uint64_t owner_;
  std::map<pid_t, Known> known_;
  std::optional<fracas_clock_config> config_;
  std::int64_t end_ns_ = 0;
  clock::ProcessTracker* tracker_ = nullptr;
  bool fast_ = true;
  model::EffectCounters counters_;
};

}  // namespace fracas::agent
