#include "agent/faults/process_kill.h"

#include <cerrno>
#include <optional>
#include <utility>

#include "agent/faults/kill_plan.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/model/signal_number.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "process.kill";

class ProcessKill final : public TimedEffect {
 public:
  ProcessKill(const Preparation& preparation, int signal, std::optional<Duration> restart_after)
      : services_(preparation.services),
        record_(preparation.record),
        chosen_(preparation.chosen),
        signal_(signal),
        restart_after_(restart_after) {
    for (const ServiceSite& victim : preparation.victims) victims_.push_back(victim.spec.name);
  }
  ~ProcessKill() override { static_cast<void>(restart_all(services_, plan_)); }

  std::string mechanism() const override { return "pidfd"; }

  Status arm(const Window& window) override {
    if (!killed_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::vector<std::string> processes() const override { return chosen_ ? chosen_->seen() : std::vector<std::string>(); }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status revert() override {
    next_ns_.reset();
    return restart_all(services_, plan_);
  }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    if (killed_) return restart_all(services_, plan_);
    if (auto done = kill(); !done) return done;
    if (restart_after_) next_ns_ = os::boot_now_ns() + restart_after_->count();
    return {};
  }

 private:
  Status kill() {
    killed_ = true;
    auto planned = chosen_ ? plan_to_kill(*chosen_) : plan_services();
    if (!planned) return failure(std::move(planned).error());
    KillPlan& plan = *planned;
    counters_.matched = plan.killed.size();
    if (plan.killed.empty()) return {};
    if (auto noted = record_.note(to_note(plan)); !noted) return noted;
    plan_ = std::move(plan);
    return signal_all();
  }

  Result<KillPlan> plan_services() const {
    auto sites = services_.sites(victims_);
    if (!sites) return failure(std::move(sites).error());
    return plan_to_kill(*sites);
  }

  Status signal_all() {
    Status outcome;
    for (const os::ProcessIdentity& process : plan_.killed) {
      auto sent = signal_process(process, signal_);
      if (!sent && outcome) outcome = failure(std::move(sent).error());
      if (!sent || !*sent) continue;
      ++counters_.affected;
      counters_.last_ns = os::boot_now_ns();
      if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
    }
    return outcome;
  }

  Services& services_;
  FaultRecord& record_;
  std::optional<ChosenProcesses> chosen_;
  const int signal_;
  const std::optional<Duration> restart_after_;
  std::vector<std::string> victims_;
  std::optional<std::int64_t> next_ns_;
  bool killed_ = false;
  KillPlan plan_;
  model::EffectCounters counters_;
};

Status check(const model::Injection& injection) {
  const model::ProcessKill& fault = injection.process_kill();
  if (!model::signal_number(fault))
    return failure(
        "process.kill: unknown signal " +
            std::to_string(fault.number() > 0 ? static_cast<std::int64_t>(fault.number()) : int{fault.signal()}),
        EINVAL);
  const Duration restart_after = model::from_proto(fault.restart_after());
  if (fault.has_restart_after() && (restart_after <= Duration::zero() || restart_after > 1h))
    return failure("process.kill: restart_after must be above 0 and at most 1h", EINVAL);
  if (fault.has_processes() && fault.has_restart_after())
    return failure("process.kill: restart_after is for services that were started here, not for chosen processes",
                   EINVAL);
  return require_victims(kName, injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::ProcessKill& fault = preparation.injection.process_kill();
  std::optional<Duration> restart_after;
  if (fault.has_restart_after()) restart_after = model::from_proto(fault.restart_after());
  return std::make_unique<ProcessKill>(preparation, *model::signal_number(fault), restart_after);
}

}  // namespace

constexpr FaultKind kProcessKill{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_kill, .probe = probe_kill};

}  // namespace fracas::agent
