#include "agent/clock/patch.h"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>

#include "agent/clock/helper.h"
#include "agent/clock/stub_image.h"
#include "agent/clock/tracer.h"
#include "agent/clock/victim_memory.h"
#include "lib/os/clock.h"
#include "lib/os/threads.h"

namespace fracas::agent::clock {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHelperPatience = kStopPatience + 3s;
constexpr std::int64_t kTryAgainNs = 200'000;

struct Inspected {
  VdsoImage pristine;
  VictimMemory memory;
  Bytes mapping;
  PatchFinding finding;
};

// A vfork child until it begins its program: what is changed in its memory changes its parent, which runs on.
bool has_memory_of_parent(pid_t pid) {
  const pid_t parent = os::status_number(pid, "PPid");
  return parent > 0 && ::syscall(SYS_kcmp, pid, parent, KCMP_VM, 0, 0) == 0;
}

Result<Inspected> inspect_process(pid_t pid) {
  if (has_memory_of_parent(pid)) return failure(fmt::format("process {} has no memory of its own yet", pid), ESRCH);
  auto pristine = pristine_vdso();
  if (!pristine) return failure(std::move(pristine).error());
  auto memory = VictimMemory::open(pid);
  if (!memory) return failure(std::move(memory).error());
  auto bytes = memory->read_vdso();
  if (!bytes) return failure(std::move(bytes).error());
  PatchFinding finding = inspect(*pristine, *bytes);
  return Inspected{std::move(*pristine), std::move(*memory), std::move(*bytes), finding};
}

// The helper closes what it inherits, so it looks for itself.
template <typename Work>
Status in_helper(pid_t pid, const Work& work) {
  return run_in_helper(
      [pid, &work]() -> Status {
        auto victim = inspect_process(pid);
        if (!victim) return failure(std::move(victim).error());
        return work(*victim);
      },
      kHelperPatience);
}

template <typename T>
std::span<const std::uint8_t> bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

std::vector<AddressRange> addresses(const std::vector<PatchRange>& ranges, std::uint64_t base) {
  std::vector<AddressRange> found;
  for (const PatchRange& range : ranges) found.push_back({base + range.start, base + range.end});
  return found;
}

// Stops the process until `work` says it is done: true. It may have to run on first for a while.
template <typename Work>
Status while_stopped(const VictimMemory& memory, const Work& work) {
  const std::int64_t deadline = os::boot_now_ns() + kStopPatience.count();
  for (;;) {
    {
      auto stopped = StoppedProcess::stop(memory.pid(), deadline);
      if (!stopped) return failure(std::move(stopped).error());
      if (!memory.current()) return failure(fmt::format("process {} runs another program now", memory.pid()), ESRCH);
      Result<bool> done = work(*stopped);
      if (!done) return failure(std::move(done).error());
      if (*done) return {};
    }
    if (os::boot_now_ns() >= deadline)
      return failure(fmt::format("process {} never leaves the code to be changed", memory.pid()), ETIMEDOUT);
    os::sleep_until_boot_ns(os::boot_now_ns() + kTryAgainNs);
  }
}

// False after a helper that died between its writes.
bool has_jumps(const Inspected& victim, const PatchPlan& plan) {
  return std::all_of(plan.writes.begin() + 1, plan.writes.end(), [&victim](const PatchWrite& jump) {
    return std::equal(jump.bytes.begin(), jump.bytes.end(),
                      victim.mapping.begin() + static_cast<std::ptrdiff_t>(jump.offset));
  });
}

Status write_all(const VictimMemory& memory, const std::vector<PatchWrite>& writes) {
  for (const PatchWrite& write : writes)
    if (auto written = memory.write(write.offset, write.bytes); !written) return written;
  return {};
}

Bytes pristine_bytes(const VdsoImage& pristine, std::size_t offset, std::size_t size) {
  const auto start = pristine.bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  return {start, start + static_cast<std::ptrdiff_t>(size)};
}

Status remove_jumps(const Inspected& victim) {
  for (const std::size_t entry : victim.pristine.hooked())
    if (auto restored = victim.memory.write(entry, pristine_bytes(victim.pristine, entry, kJumpBytes)); !restored)
      return restored;
  return {};
}

Status install(const Inspected& victim, const PatchPlan& plan) {
  const auto torn = addresses(plan.torn, victim.memory.base());
  return while_stopped(victim.memory, [&](const StoppedProcess& stopped) -> Result<bool> {
    if (!stopped.step_out_of(torn, victim.memory.fd())) return false;
    if (auto written = write_all(victim.memory, plan.writes); !written) {
      static_cast<void>(remove_jumps(victim));
      return failure(std::move(written).error());
    }
    return true;
  });
}

// The jumps go first, at once: from then on nobody enters the stub. It goes when nobody is left in it.
Status uninstall(const Inspected& victim) {
  const std::size_t size = stub_image().size();
  const auto stub = addresses({{victim.finding.stub, victim.finding.stub + size}}, victim.memory.base());
  return while_stopped(victim.memory, [&](const StoppedProcess& stopped) -> Result<bool> {
    if (auto removed = remove_jumps(victim); !removed) return failure(std::move(removed).error());
    // With many threads that read the clock all the time there is always one in the stub, or in what it calls.
    const AddressRange code{victim.memory.base(), victim.memory.base() + victim.mapping.size()};
    if (!stopped.leave(stub, code, victim.memory.fd())) return false;
    auto wiped = victim.memory.write(victim.finding.stub, pristine_bytes(victim.pristine, victim.finding.stub, size));
    if (!wiped) return failure(std::move(wiped).error());
    return true;
  });
}

Status write_config(const Inspected& victim, const fracas_clock_config& config) {
  const std::uint32_t next = victim.finding.header.index + 1;
  const std::size_t slot = offsetof(fracas_clock_header, config) + (next % 2) * sizeof config;
  if (auto written = victim.memory.write(victim.finding.stub + slot, bytes_of(config)); !written) return written;
  return victim.memory.write(victim.finding.stub + offsetof(fracas_clock_header, index), bytes_of(next));
}

// Where only a tracer may write, the process stops for the two writes.
Status write_config_somehow(const Inspected& victim, const fracas_clock_config& config) {
  auto written = write_config(victim, config);
  if (written || written.error().code != EIO) return written;
  return in_helper(victim.memory.pid(), [&config](const Inspected& inside) {
    return while_stopped(inside.memory, [&](const StoppedProcess&) -> Result<bool> {
      if (auto done = write_config(inside, config); !done) return failure(std::move(done).error());
      return true;
    });
  });
}

bool gone(const Error& error) {
  return error.code == ESRCH;
}

}  // namespace

Result<bool> attach(pid_t pid, std::uint64_t owner) {
  auto victim = inspect_process(pid);
  if (!victim) return failure(std::move(victim).error());
  auto plan = plan_patch(victim->pristine, owner);
  if (!plan) return failure(std::move(plan).error());
  if (victim->finding.state == PatchState::foreign)
    return failure(fmt::format("the vDSO of process {} was changed by somebody else", pid), EBUSY);
  const bool patched = victim->finding.state == PatchState::patched;
  if (patched && victim->finding.header.owner != owner)
    return failure(fmt::format("the clock of process {} is under another fault", pid), EBUSY);
  if (patched && has_jumps(*victim, *plan)) return plan->fast;
  auto done = in_helper(pid, [&plan](const Inspected& inside) { return install(inside, *plan); });
  if (!done) return failure(std::move(done).error());
  return plan->fast;
}

Status configure(pid_t pid, std::uint64_t owner, const fracas_clock_config& config) {
  auto victim = inspect_process(pid);
  if (!victim) return failure(std::move(victim).error());
  if (victim->finding.state != PatchState::patched || victim->finding.header.owner != owner)
    return failure(fmt::format("the clock of process {} is not under this fault", pid), ENOENT);
  return write_config_somehow(*victim, config);
}

Result<std::optional<fracas_clock_header>> look_into(pid_t pid) {
  auto victim = inspect_process(pid);
  if (!victim) return failure(std::move(victim).error());
  if (victim->finding.state != PatchState::patched) return std::nullopt;
  return victim->finding.header;
}

Status recover(pid_t pid, Duration patience) {
  auto victim = inspect_process(pid);
  if (!victim && (gone(victim.error()) || victim.error().code == ENOEXEC)) return {};
  if (!victim) return failure(std::move(victim).error());
  if (victim->finding.state != PatchState::patched) return {};

  const fracas_clock_config config = ended(current_config(victim->finding.header), ClockReadings::now());
  auto written = write_config_somehow(*victim, config);
  if (!written && gone(written.error())) return {};
  if (!written) return written;
  const Duration melting = melting_left(config, ClockReadings::now());
  if (melting > patience)
    return failure(
        fmt::format("the monotonic clock of process {} needs another {} to be right", pid, describe_duration(melting)),
        ETIMEDOUT);
  if (melting > 0ns) os::sleep_until_boot_ns(os::boot_now_ns() + melting.count());

  auto restored = in_helper(pid, [](const Inspected& inside) -> Status {
    return inside.finding.state == PatchState::patched ? uninstall(inside) : Status();
  });
  if (!restored && gone(restored.error())) return {};
  return restored;
}

}  // namespace fracas::agent::clock
