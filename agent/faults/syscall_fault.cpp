#include "agent/faults/syscall_fault.h"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "agent/scope.h"
#include "agent/syscalls/syscall_trace.h"
#include "agent/timed_effect.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::int64_t kLookEveryNs = 50'000'000;

class SyscallFault final : public TimedEffect {
 public:
  SyscallFault(os::SharedMemory control, os::Process tracer, os::ProcessIdentity identity,
               std::vector<std::string> processes)
      : control_(std::move(control)),
        tracer_(std::move(tracer)),
        identity_(identity),
        processes_(std::move(processes)) {}
  ~SyscallFault() override {
    if (auto reverted = revert(); !reverted) log::error("system call fault: {}", reverted.error().message);
  }

  std::string mechanism() const override { return "ptrace"; }

  Status arm(const Window& window) override {
    set_window(control(), window);
    next_ns_ = window.start_ns + kLookEveryNs;
    return {};
  }

  void renew(std::int64_t lease_end_ns) override { set_lease_end(control(), lease_end_ns); }
  model::EffectCounters counters() const override { return counters_of(control()); }
  std::vector<std::string> processes() const override { return processes_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  // Whether the tracer could begin, and is still there.
  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_ = os::boot_now_ns() + kLookEveryNs;
    if (state_of(control()) == HelperState::failed) {
      const int culprit = control_in(control_).culprit;
      return system_failure("trace the service" + (culprit > 0 ? ": process " + std::to_string(culprit) + " does" : ""),
                            control().state_error);
    }
    if (identity_.alive() || is_over(control(), now_ns)) return {};
    return failure("the tracer has ended");
  }

  Status revert() override {
    next_ns_.reset();
    stop(control());
    static_cast<void>(tracer_.wait_for(1s));
    if (auto ended = end_syscall_tracer(identity_); !ended) return ended;
    static_cast<void>(tracer_.wait_for(1s));
    return {};
  }

 private:
  FaultControl& control() const { return control_in(control_).fault; }

  os::SharedMemory control_;
  os::Process tracer_;
  const os::ProcessIdentity identity_;
  const std::vector<std::string> processes_;
  std::optional<std::int64_t> next_ns_;
};

Status check_all(const std::vector<os::ProcessIdentity>& processes, const SyscallRule& rule) {
  for (const os::ProcessIdentity& process : processes)
    if (auto traceable = check_traceable(process.pid, rule); !traceable) return traceable;
  return {};
}

Status check_victim(const ServiceSite& victim, const SyscallRule& rule) {
  if (victim.cgroup.empty()) return failure("the service has no cgroup: mount cgroup2 on this host", EOPNOTSUPP);
  auto processes = processes_of(victim);
  if (!processes) return failure(std::move(processes).error());
  return check_all(*processes, rule);
}

Result<TracedProcesses> find_victims(const SyscallRule& rule, const Preparation& preparation,
                                     std::optional<ChosenProcesses>& chosen) {
  TracedProcesses victims;
  for (const ServiceSite& victim : preparation.victims) {
    if (auto good = check_victim(victim, rule); !good) return failure(std::move(good).error());
    victims.cgroups.push_back(victim.cgroup);
  }
  if (!chosen) return victims;
  auto found = chosen->look();
  if (!found) return failure(std::move(found).error());
  if (auto good = check_all(*found, rule); !good) return failure(std::move(good).error());
  victims.processes = std::move(*found);
  return victims;
}

}  // namespace

Status check_syscall_fault(std::string_view kind, const Result<SyscallRule>& rule, const model::Injection& injection) {
  if (!rule) return failure(Error(rule.error()).context(kind));
  if (auto good = check_syscall_rule(*rule); !good) return failure(std::move(good).error().context(kind));
  return require_victims(kind, injection);
}

Result<std::unique_ptr<Effect>> prepare_syscall_fault(const SyscallRule& rule, const Preparation& preparation) {
  std::optional<ChosenProcesses> chosen = preparation.chosen;
  const auto victims = find_victims(rule, preparation, chosen);
  if (!victims) return failure(victims.error());
  auto control = make_syscall_control(rule);
  if (!control) return failure(std::move(control).error());
  auto tracer = start_syscall_tracer(*control, *victims);
  if (!tracer) return failure(std::move(tracer).error());
  // Unarmed it does nothing, and without a lease it ends: so it may come before its note.
  auto identity = os::ProcessIdentity::of(tracer->pid());
  if (!identity) return failure(std::move(identity).error());
  auto effect = std::make_unique<SyscallFault>(std::move(*control), std::move(*tracer), *identity,
                                               chosen ? chosen->seen() : std::vector<std::string>());
  const json note{{"pid", identity->pid}, {"start_ticks", identity->start_ticks}};
  if (auto noted = preparation.record.note(note.dump()); !noted) return failure(std::move(noted).error());
  return effect;
}

Status undo_syscall_fault(const LedgerRecord& record, KilledServices /*killed*/) {
  if (record.note.empty()) return {};
  const json note = json::parse(record.note, nullptr, false);
  const bool whole = note.is_object() && note.contains("pid") && note["pid"].is_number_integer() &&
                     note.contains("start_ticks") && note["start_ticks"].is_number_unsigned();
  if (!whole) return failure("the note of a system call fault is damaged");
  return end_syscall_tracer({.pid = note["pid"].get<pid_t>(), .start_ticks = note["start_ticks"].get<std::uint64_t>()});
}

FaultSupport probe_syscall_fault() {
  if (const auto works = probe_syscall_tracer(); !works) return {.missing = works.error().message};
  return {.available = true,
          .mechanism = "ptrace",
          .accuracy = "every chosen call; inside the window each call of the service takes 14 to 125 us"};
}

}  // namespace fracas::agent
