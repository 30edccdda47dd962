#include "agent/faults/machine_clock_fault.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "agent/clock/machine_clock.h"
#include "agent/timed_effect.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kNote = "machine-clock ";
constexpr Duration kStrobePeriodMin = 10ms;
// A step shows at once, so a clock that is off by more than this did not take it.
constexpr Duration kStepError = 50ms;

// A name that the kernel frees with its descriptor: of all agents of a machine one has the clock.
Result<os::UniqueFd> claim_clock() {
  constexpr std::string_view kName{"\0fracas-machine-clock", 21};
  os::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return system_failure("socket");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::copy(kName.begin(), kName.end(), name.sun_path);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kName.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), length) == 0) return socket;
  if (errno == EADDRINUSE) return failure("the machine's clock is under another fault", EBUSY);
  return system_failure("claim the machine's clock");
}

class MachineClockShift final : public TimedEffect {
 public:
  MachineClockShift(const clock::Skew& skew, FaultRecord& record, os::UniqueFd claim)
      : skew_(skew), record_(record), claim_(std::move(claim)) {}
  ~MachineClockShift() override { static_cast<void>(revert()); }

  std::string mechanism() const override { return "adjtimex"; }

  Status arm(const Window& window) override {
    if (!anchor_) next_ns_ = window.start_ns;
    start_ns_ = window.start_ns;
    return {};
  }
  void renew(std::int64_t /*lease_end_ns*/) override {}
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    if (!anchor_)
      if (auto noted = note_true_time(); !noted) return noted;
    if (auto changed = change(now_ns); !changed) return changed;
    count();
    if (skew_.strobe_period > 0ns) {
      const std::int64_t period = skew_.strobe_period.count();
      next_ns_ = start_ns_ + ((now_ns - start_ns_) / period + 1) * period;
    }
    return {};
  }

  model::EffectCounters counters() const override { return counters_; }

  Status revert() override {
    next_ns_.reset();
    if (anchor_)
      if (auto restored = clock::restore_machine_clock(*anchor_); !restored) return restored;
    anchor_.reset();
    claim_.reset();
    return {};
  }

 private:
  // On the disk before the clock is touched.
  Status note_true_time() {
    auto anchor = clock::ClockAnchor::take();
    if (!anchor) return failure(std::move(anchor).error());
    if (auto noted = record_.note(std::string(kNote) + anchor->written()); !noted) return noted;
    anchor_ = std::move(*anchor);
    return {};
  }

  Duration wanted(std::int64_t now_ns) const {
    const bool second = skew_.strobe_period > 0ns && (now_ns - start_ns_) / skew_.strobe_period.count() % 2 != 0;
    return skew_.offset + (second ? skew_.strobe_by : 0ns);
  }

  Status change(std::int64_t now_ns) {
    ++counters_.matched;
    if (skew_.drift_ppm != 0) return clock::drift_machine_clock(*anchor_, skew_.drift_ppm);
    const Duration now = std::exchange(shift_, wanted(now_ns));
    return clock::step_machine_clock(shift_ - now);
  }

  // Seen in the clock itself; of a drift, in the speed the kernel keeps.
  void count() {
    bool seen = false;
    if (skew_.drift_ppm != 0) {
      const auto now = clock::ClockAnchor::take();
      seen = now && (now->tick_us != anchor_->tick_us || now->frequency != anchor_->frequency);
    } else {
      const auto shift = clock::machine_clock_shift(*anchor_);
      seen = shift && std::chrono::abs(*shift - shift_) < kStepError;
    }
    if (!seen) return;
    ++counters_.affected;
    counters_.last_ns = os::boot_now_ns();
    if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
  }

  const clock::Skew skew_;
  FaultRecord& record_;
  os::UniqueFd claim_;
  std::optional<clock::ClockAnchor> anchor_;  // while the clock may be wrong
  Duration shift_{};
  std::int64_t start_ns_ = 0;
  std::optional<std::int64_t> next_ns_;
  model::EffectCounters counters_;
};

}  // namespace

Status check_machine_skew(const clock::Skew& skew) {
  if (skew.drift_ppm != 0) {
    if (!skew.realtime || !skew.monotonic)
      return failure("the machine's clocks drift together: with `system`, `clocks` must be \"both\"", EINVAL);
    if (std::abs(skew.drift_ppm) > clock::kMachineDriftPpmMax)
      return failure("the machine's clock drifts by 100000 ppm at most", EINVAL);
    return {};
  }
  if (skew.monotonic)
    return failure("the machine's monotonic clock cannot jump: with `system`, `clocks` must be \"realtime\"", EINVAL);
  if (skew.strobe_period > 0ns && skew.strobe_period < kStrobePeriodMin)
    return failure("the machine's clock strobes with a period of 10ms at least", EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare_machine_clock(const clock::Skew& skew, const Preparation& preparation) {
  if (auto allowed = clock::may_set_machine_clock(); !allowed) return failure(std::move(allowed).error());
  auto claim = claim_clock();
  if (!claim) return failure(std::move(claim).error());
  return std::make_unique<MachineClockShift>(skew, preparation.record, std::move(*claim));
}

bool is_machine_clock_note(std::string_view note) {
  return note.starts_with(kNote);
}

Status undo_machine_clock(std::string_view note) {
  const auto anchor = clock::ClockAnchor::parse(note.substr(kNote.size()));
  if (!anchor) return failure(anchor.error());
  return clock::restore_machine_clock(*anchor);
}

}  // namespace fracas::agent
