#include "agent/faults/process_kill.h"

#include <utility>

#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

class ProcessKill final : public TimedEffect {
 public:
  ProcessKill(Services& services, const ProcessKillRule& rule, std::function<Status(const KillPlan&)> before_kill)
      : services_(services), rule_(rule), before_kill_(std::move(before_kill)) {}
  ~ProcessKill() override { static_cast<void>(restart()); }

  std::string mechanism() const override { return "pidfd"; }

  Status arm(const Window& window) override {
    if (!killed_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status revert() override {
    next_ns_.reset();
    return restart();
  }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    if (killed_) return restart();
    if (auto done = kill(); !done) return done;
    if (rule_.restart_after) next_ns_ = os::boot_now_ns() + rule_.restart_after->count();
    return {};
  }

 private:
  Status kill() {
    killed_ = true;
    KillPlan plan;
    for (const std::string& name : rule_.services) {
      auto sites = services_.sites({name});
      if (!sites) return failure(std::move(sites).error());
      auto processes = processes_of(sites->front());
      if (!processes) return failure(std::move(processes).error());
      if (processes->empty()) continue;
      plan.restart.push_back(name);
      plan.killed.insert(plan.killed.end(), processes->begin(), processes->end());
    }
    counters_.matched = plan.killed.size();
    if (plan.killed.empty()) return {};
    if (auto recorded = before_kill_(plan); !recorded) return recorded;
    plan_ = std::move(plan);
    return signal_all();
  }

  Status signal_all() {
    Status outcome;
    for (const os::ProcessIdentity& process : plan_.killed) {
      auto sent = signal_process(process, rule_.signal);
      if (!sent && outcome) outcome = failure(std::move(sent).error());
      if (!sent || !*sent) continue;
      ++counters_.affected;
      counters_.last_ns = os::boot_now_ns();
      if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
    }
    return outcome;
  }

  Status restart() {
    while (!plan_.restart.empty()) {
      if (auto started = services_.restart(plan_.restart.back(), plan_.killed); !started) return started;
      plan_.restart.pop_back();
    }
    return {};
  }

  Services& services_;
  ProcessKillRule rule_;
  std::function<Status(const KillPlan&)> before_kill_;
  std::optional<std::int64_t> next_ns_;
  bool killed_ = false;
  KillPlan plan_;
  model::EffectCounters counters_;
};

}  // namespace

std::unique_ptr<TimedEffect> make_process_kill(Services& services, const ProcessKillRule& rule,
                                               std::function<Status(const KillPlan&)> before_kill) {
  return std::make_unique<ProcessKill>(services, rule, std::move(before_kill));
}

}  // namespace fracas::agent
