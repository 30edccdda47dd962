#include "agent/faults/process_restart.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "agent/faults/kill_plan.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "process.restart";
constexpr Duration kGrace = 2s;
constexpr std::int64_t kLookAgainNs = 5'000'000;

class ProcessRestart final : public TimedEffect {
 public:
  ProcessRestart(const Preparation& preparation, Duration grace, Duration down)
      : services_(preparation.services), record_(preparation.record), grace_(grace), down_(down) {
    for (const ServiceSite& victim : preparation.victims) victims_.push_back(victim.spec.name);
  }
  ~ProcessRestart() override { static_cast<void>(restart_all(services_, plan_)); }

  std::string mechanism() const override { return "pidfd"; }

  Status arm(const Window& window) override {
    if (step_ == Step::before) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status revert() override {
    next_ns_.reset();
    return restart_all(services_, plan_);
  }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    switch (step_) {
      case Step::before:
        return ask_to_end();
      case Step::ending:
        return see_them_end(now_ns);
      case Step::down:
        return restart_all(services_, plan_);
    }
    return {};
  }

 private:
  enum class Step { before, ending, down };

  Status signal_all(int signal) const {
    Status outcome;
    for (const os::ProcessIdentity& process : plan_.killed) {
      auto sent = signal_process(process, signal);
      if (!sent && outcome) outcome = failure(std::move(sent).error());
    }
    return outcome;
  }

  Status ask_to_end() {
    step_ = Step::ending;
    auto sites = services_.sites(victims_);
    if (!sites) return failure(std::move(sites).error());
    auto plan = plan_to_kill(*sites);
    if (!plan) return failure(std::move(plan).error());
    counters_.matched = plan->killed.size();
    if (plan->killed.empty()) return {};
    if (auto noted = record_.note(to_note(*plan)); !noted) return noted;
    plan_ = std::move(*plan);
    const std::int64_t now = os::boot_now_ns();
    counters_.first_ns = now;
    kill_at_ns_ = now + grace_.count();
    next_ns_ = now + kLookAgainNs;
    return signal_all(SIGTERM);
  }

  Status see_them_end(std::int64_t now_ns) {
    const auto alive = [](const os::ProcessIdentity& process) { return process.alive(); };
    if (std::any_of(plan_.killed.begin(), plan_.killed.end(), alive)) {
      next_ns_ = os::boot_now_ns() + kLookAgainNs;
      return now_ns < kill_at_ns_ ? Status() : signal_all(SIGKILL);
    }
    counters_.affected = plan_.killed.size();
    counters_.last_ns = os::boot_now_ns();
    step_ = Step::down;
    next_ns_ = counters_.last_ns + down_.count();
    return {};
  }

  Services& services_;
  FaultRecord& record_;
  const Duration grace_;
  const Duration down_;
  std::vector<std::string> victims_;
  Step step_ = Step::before;
  std::optional<std::int64_t> next_ns_;
  std::int64_t kill_at_ns_ = 0;
  KillPlan plan_;
  model::EffectCounters counters_;
};

Duration grace_of(const model::ProcessRestart& fault) {
  return fault.has_grace() ? model::from_proto(fault.grace()) : kGrace;
}

Status check(const model::Injection& injection) {
  const model::ProcessRestart& fault = injection.process_restart();
  const Duration grace = grace_of(fault);
  const Duration down = model::from_proto(fault.down());
  if (grace < Duration::zero() || grace > 1h) return failure("process.restart: grace must be 0 to 1h", EINVAL);
  if (down < Duration::zero() || down > 1h) return failure("process.restart: down must be 0 to 1h", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::ProcessRestart& fault = preparation.injection.process_restart();
  return std::make_unique<ProcessRestart>(preparation, grace_of(fault), model::from_proto(fault.down()));
}

}  // namespace

constexpr FaultKind kProcessRestart{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_kill, .probe = probe_kill};

}  // namespace fracas::agent
