#include "agent/faults/process_pause.h"

#include <utility>

#include "agent/faults/process_stop.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/model/agent.pb.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/probe.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "process.pause";

class ProcessPause final : public TimedEffect {
 public:
  ProcessPause(Services& services, std::vector<ServiceSite> victims)
      : services_(services), victims_(std::move(victims)) {}
  ~ProcessPause() override { static_cast<void>(thaw()); }

  std::string mechanism() const override { return victims_.front().cgroup.empty() ? "sigstop" : "freezer"; }

  Status arm(const Window& window) override {
    if (!started_) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  Status revert() override { return thaw(); }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    started_ = true;
    for (const ServiceSite& victim : victims_)
      if (auto frozen = freeze(victim.spec.name); !frozen) return frozen;
    return {};
  }

 private:
  Status freeze(const std::string& name) {
    auto sites = services_.sites({name});
    if (!sites) return failure(std::move(sites).error());
    auto processes = processes_of(sites->front());
    if (!processes) return failure(std::move(processes).error());
    counters_.matched += processes->size();
    if (auto frozen = services_.freeze(name); !frozen) return frozen;
    frozen_.push_back(name);
    if (processes->empty() || !is_frozen(sites->front())) return {};
    counters_.affected += processes->size();
    counters_.last_ns = os::boot_now_ns();
    if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
    return {};
  }

  Status thaw() {
    while (!frozen_.empty()) {
      if (auto thawed = services_.thaw(frozen_.back()); !thawed) return thawed;
      frozen_.pop_back();
      counters_.last_ns = os::boot_now_ns();
    }
    next_ns_.reset();
    return {};
  }

  Services& services_;
  std::vector<ServiceSite> victims_;
  std::optional<std::int64_t> next_ns_;
  bool started_ = false;
  std::vector<std::string> frozen_;
  model::EffectCounters counters_;
};

Status check(const model::Injection& injection) {
  return require_victims(kName, injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  if (preparation.chosen) return stop_chosen(preparation);
  return std::make_unique<ProcessPause>(preparation.services, preparation.victims);
}

Status undo(const LedgerRecord& record, KilledServices /*killed*/) {
  for (const ServiceSite& site : record.services)
    if (auto thawed = set_frozen(site, false); !thawed) return thawed;
  return continue_chosen(record);
}

FaultSupport probe() {
  const auto works = os::probe_freezer();
  if (works) return {.available = true, .mechanism = "freezer", .accuracy = "all processes at once"};
  // Without cgroup2 the processes are stopped one by one, which their parents can see.
  if (!os::Cgroup::mount_point() && os::probe_pidfd())
    return {.available = true, .mechanism = "sigstop", .accuracy = "one process after the other"};
  return {.missing = works.error().message};
}

}  // namespace

constexpr FaultKind kProcessPause{.name = kName, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
