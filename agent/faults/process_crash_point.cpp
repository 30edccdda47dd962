#include "agent/faults/process_crash_point.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <set>
#include <utility>

#include "agent/faults/kill_plan.h"
#include "agent/resources/crash_point.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "process.crash-point";
constexpr std::int64_t kLookAgainNs = 5'000'000;

std::optional<CrashCall> crash_call(model::ProcessCrashPoint::Call call) {
  switch (call) {
    case model::ProcessCrashPoint::CALL_FSYNC:
      return CrashCall::fsync;
    case model::ProcessCrashPoint::CALL_WRITE:
      return CrashCall::write;
    case model::ProcessCrashPoint::CALL_SEND:
      return CrashCall::send;
    case model::ProcessCrashPoint::CALL_RENAME:
      return CrashCall::rename;
    default:
      return std::nullopt;
  }
}

// Processes of a service that lived when one of them was hit. Start times are counted in ticks of 10 ms.
Result<std::vector<os::ProcessIdentity>> old_life(const ServiceSite& site, std::int64_t hit_ns) {
  auto processes = processes_of(site);
  if (!processes) return processes;
  const std::int64_t tick_ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  std::erase_if(*processes, [&](const os::ProcessIdentity& process) {
    return static_cast<std::int64_t>(process.start_ticks) * tick_ns > hit_ns;
  });
  return processes;
}

class ProcessCrashPoint final : public TimedEffect {
 public:
  struct Plan {
    std::vector<os::ProcessIdentity> processes{};  // chosen ones, by their place in CrashPointOptions
    std::vector<std::string> names{};
    bool kills = true;
    std::optional<Duration> restart_after{};
  };

  ProcessCrashPoint(const Preparation& preparation, CrashPoint point, Plan plan)
      : services_(preparation.services),
        record_(preparation.record),
        point_(std::move(point)),
        processes_(std::move(plan.processes)),
        names_(std::move(plan.names)),
        kills_(plan.kills),
        restart_after_(plan.restart_after) {
    for (const ServiceSite& victim : preparation.victims) victims_.push_back(victim.spec.name);
  }
  ~ProcessCrashPoint() override { static_cast<void>(revert()); }

  std::string mechanism() const override { return "raw tracepoint"; }

  // The kernel acts by itself from here on, so what is running is noted first.
  Status arm(const Window& window) override {
    auto plan = plan_victims();
    if (!plan) return failure(std::move(plan).error());
    if (auto noted = record_.note(to_note(*plan)); !noted) return noted;
    point_.arm(window);
    next_ns_ = std::max(window.start_ns, os::boot_now_ns() + kLookAgainNs);
    return {};
  }

  void renew(std::int64_t lease_end_ns) override { point_.renew(lease_end_ns); }
  model::EffectCounters counters() const override { return point_.counters(); }
  std::vector<std::string> processes() const override { return names_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_ = os::boot_now_ns() + kLookAgainNs;
    if (!processes_.empty()) return {};  // They are on their own.
    for (const CrashHit& hit : point_.hits()) {
      if (!kills_ || restarted_.contains(hit.victim)) continue;
      if (auto done = end_the_rest(hit); !done) return done;
      if (!restart_after_ || now_ns < hit.at_ns + restart_after_->count()) continue;
      if (auto done = restart(hit); !done) return done;
    }
    return {};
  }

  Status revert() override {
    next_ns_.reset();
    point_.arm({});
    for (const CrashHit& hit : point_.hits()) {
      if (restarted_.contains(hit.victim) || (kills_ && !processes_.empty())) continue;
      if (auto done = kills_ ? restart(hit) : go_on(hit); !done) return done;
    }
    return {};
  }

 private:
  // Of chosen processes only those that may be stopped by it have something to be undone.
  Result<KillPlan> plan_victims() const {
    if (!processes_.empty()) {
      KillPlan plan;
      for (const os::ProcessIdentity& process : processes_)
        if (!kills_ && state_of(process) != 'T') plan.killed.push_back(process);
      return plan;
    }
    auto sites = services_.sites(victims_);
    if (!sites) return failure(std::move(sites).error());
    return plan_to_kill(*sites);
  }

  // A crash takes the whole service: its other processes follow the one that was hit.
  Status end_the_rest(const CrashHit& hit) {
    auto sites = services_.sites({victims_[hit.victim]});
    if (!sites) return {};  // It has been stopped for good.
    auto left = old_life(sites->front(), hit.at_ns);
    if (!left) return failure(std::move(left).error());
    for (const os::ProcessIdentity& process : *left)
      if (auto sent = signal_process(process, SIGKILL); !sent) return failure(std::move(sent).error());
    return {};
  }

  Status restart(const CrashHit& hit) {
    auto sites = services_.sites({victims_[hit.victim]});
    if (!sites) return {};
    auto left = old_life(sites->front(), hit.at_ns);
    if (!left) return failure(std::move(left).error());
    if (auto started = services_.restart(victims_[hit.victim], *left); !started) return started;
    restarted_.insert(hit.victim);
    return {};
  }

  Status go_on(const CrashHit& hit) {
    const auto process =
        processes_.empty() ? os::ProcessIdentity::of(hit.pid) : Result<os::ProcessIdentity>(processes_[hit.victim]);
    if (process)
      if (auto sent = signal_process(*process, SIGCONT); !sent) return failure(std::move(sent).error());
    restarted_.insert(hit.victim);
    return {};
  }

  Services& services_;
  FaultRecord& record_;
  CrashPoint point_;
  const std::vector<os::ProcessIdentity> processes_;
  const std::vector<std::string> names_;
  const bool kills_;
  const std::optional<Duration> restart_after_;
  std::vector<std::string> victims_;
  std::optional<std::int64_t> next_ns_;
  std::set<std::size_t> restarted_;  // indexes of victims, or continued
};

Status check(const model::Injection& injection) {
  const model::ProcessCrashPoint& fault = injection.process_crash_point();
  if (!crash_call(fault.call())) return failure("process.crash-point: unknown call", EINVAL);
  if (fault.action() != model::ProcessCrashPoint::ACTION_KILL &&
      fault.action() != model::ProcessCrashPoint::ACTION_STOP)
    return failure("process.crash-point: unknown action", EINVAL);
  if (fault.number() < 1) return failure("process.crash-point: number counts from 1", EINVAL);
  const Duration restart_after = model::from_proto(fault.restart_after());
  if (fault.has_restart_after() && (restart_after <= Duration::zero() || restart_after > 1h))
    return failure("process.crash-point: restart_after must be above 0 and at most 1h", EINVAL);
  if (fault.has_processes() && fault.has_restart_after())
    return failure(
        "process.crash-point: restart_after is for services that were started here, not for chosen processes", EINVAL);
  return require_victims(kName, injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::ProcessCrashPoint& fault = preparation.injection.process_crash_point();
  const bool kills = fault.action() == model::ProcessCrashPoint::ACTION_KILL;
  CrashPointOptions options{
      .call = *crash_call(fault.call()), .at = fault.number(), .signal = kills ? SIGKILL : SIGSTOP};
  for (const ServiceSite& victim : preparation.victims) {
    if (victim.cgroup.empty()) return failure("the service has no cgroup: mount cgroup2 on this host", EOPNOTSUPP);
    options.victims.push_back(victim.cgroup);
  }
  ProcessCrashPoint::Plan plan{.kills = kills};
  if (std::optional<ChosenProcesses> chosen = preparation.chosen) {
    auto found = chosen->look();
    if (!found) return failure(std::move(found).error());
    for (const os::ProcessIdentity& process : *found) options.processes.push_back(process.pid);
    plan.processes = std::move(*found);
    plan.names = chosen->seen();
  }
  auto point = CrashPoint::attach(options);
  if (!point) return failure(std::move(point).error());
  if (fault.has_restart_after()) plan.restart_after = model::from_proto(fault.restart_after());
  return std::make_unique<ProcessCrashPoint>(preparation, std::move(*point), std::move(plan));
}

// The program died with its agent; whether it had acted is seen from the services that were running when it was armed.
Status undo(const LedgerRecord& record, KilledServices killed) {
  if (record.note.empty()) return {};
  const auto plan = parse_kill_plan(record.note);
  if (!plan) return failure(plan.error());
  for (const os::ProcessIdentity& process : plan->killed)
    if (auto sent = signal_process(process, SIGCONT); !sent) return failure(std::move(sent).error());
  // Another fault may have restarted the service since it was armed, and the new life been stopped.
  for (const ServiceSite& site : record.services)
    if (auto going = continue_all(site); !going) return going;
  if (killed == KilledServices::leave) return {};
  for (const ServiceSite& site : record.services) {
    if (site.main.alive()) continue;
    if (auto thawed = set_frozen(site, false); !thawed) return thawed;
    if (auto restarted = restart_killed(*plan, site); !restarted) return restarted;
  }
  return {};
}

FaultSupport probe() {
  auto mount = os::Cgroup::mount_point();
  if (!mount) return {.missing = mount.error().message};
  if (const auto works = CrashPoint::attach({.victims = {*mount}}); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "raw tracepoint", .accuracy = "one system call"};
}

}  // namespace

constexpr FaultKind kProcessCrashPoint{.name = kName, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
