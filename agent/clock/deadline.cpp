#include "agent/clock/deadline.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cmath>
#include <utility>

#include "clock_deadline.skel.h"

namespace fracas::agent::clock {
namespace {

constexpr double kQ32PerPpm = 4294.967296;
constexpr double kOneQ30 = 1073741824;

}  // namespace

void DeadlineRepair::Destroy::operator()(clock_deadline_bpf* object) const {
  clock_deadline_bpf__destroy(object);
}
DeadlineRepair::DeadlineRepair(std::unique_ptr<clock_deadline_bpf, Destroy> object) : object_(std::move(object)) {}
DeadlineRepair::DeadlineRepair(DeadlineRepair&&) noexcept = default;
DeadlineRepair& DeadlineRepair::operator=(DeadlineRepair&&) noexcept = default;
DeadlineRepair::~DeadlineRepair() = default;

Result<DeadlineRepair> DeadlineRepair::attach(const ProcessTracker& tracker) {
  libbpf_set_print(nullptr);
  std::unique_ptr<clock_deadline_bpf, Destroy> object(clock_deadline_bpf__open());
  if (!object) return system_failure("open the BPF object that repairs deadlines");
  if (const int error = bpf_map__reuse_fd(object->maps.patched, tracker.patched_map()); error != 0)
    return system_failure("share the tracker's map", -error);
  if (const int error = clock_deadline_bpf__load(object.get()); error != 0)
    return system_failure("the kernel lets no BPF program write user memory (bpf_probe_write_user; kernel lockdown)",
                          -error);
  if (const int error = clock_deadline_bpf__attach(object.get()); error != 0)
    return system_failure("attach the program that repairs deadlines", -error);
  return DeadlineRepair(std::move(object));
}

void DeadlineRepair::configure(const fracas_deadline_config& config) {
  const __u64 next = object_->bss->current_config + 1;
  object_->bss->config[next % 2] = config;
  __atomic_store_n(&object_->bss->current_config, next, __ATOMIC_SEQ_CST);
}

fracas_deadline_counts DeadlineRepair::counts() const {
  return {.repaired = __atomic_load_n(&object_->bss->counts.repaired, __ATOMIC_SEQ_CST),
          .failed = __atomic_load_n(&object_->bss->counts.failed, __ATOMIC_SEQ_CST)};
}

fracas_deadline_config make_deadline_config(const Skew& skew, const Window& window, const ClockReadings& now) {
  if (!skew.realtime || window.end_ns <= window.start_ns) return {};
  return {.start_ns = window.start_ns,
          .end_ns = window.end_ns,
          .ahead_ns = now.realtime_ns - now.boot_ns,
          .offset_ns = skew.offset.count(),
          .rate_q32 = std::llround(skew.drift_ppm * kQ32PerPpm),
          .inverse_q30 = static_cast<std::uint64_t>(std::llround(kOneQ30 / (1 + skew.drift_ppm / 1e6))),
          .amplitude_ns = skew.strobe_by.count(),
          .period_ns = static_cast<std::uint64_t>(skew.strobe_period.count())};
}

}  // namespace fracas::agent::clock
