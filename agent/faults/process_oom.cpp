#include "agent/faults/process_oom.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "agent/faults/kill_plan.h"
#include "agent/resources/memory_limit.h"
#include "agent/resources/resource_fault.h"
#include "agent/scope.h"
#include "agent/timed_effect.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::string_view kName = "process.oom";
constexpr std::int64_t kLookAgainNs = 5'000'000;
constexpr std::uint64_t kSpareMax = std::uint64_t{1} << 40;

// A kill plan whose JSON has the limit's undo steps as well.
std::string to_note(const KillPlan& plan, const std::vector<UndoStep>& steps) {
  json note = json::parse(to_note(plan), nullptr, false);
  note["steps"] = json::parse(to_json(steps), nullptr, false);
  return note.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<UndoStep>> parse_steps(const std::string& note) {
  const json value = json::parse(note, nullptr, false);
  if (!value.is_object() || !value.contains("steps")) return failure("its note has no undo steps");
  return parse_undo_steps(value["steps"].dump());
}

class ProcessOom final : public TimedEffect {
 public:
  ProcessOom(const Preparation& preparation, std::unique_ptr<Change> limit, std::optional<Duration> restart_after)
      : services_(preparation.services),
        record_(preparation.record),
        victim_(preparation.victims.front().spec.name),
        limit_(std::move(limit)),
        restart_after_(restart_after) {}
  ~ProcessOom() override {
    if (auto reverted = revert(); !reverted) log::error("process.oom: {}", reverted.error().message);
  }

  std::string mechanism() const override { return limit_->mechanism(); }

  Status arm(const Window& window) override {
    if (step_ == Step::before) next_ns_ = window.start_ns;
    return {};
  }

  void renew(std::int64_t /*lease_end_ns*/) override {}
  model::EffectCounters counters() const override { return counters_; }
  std::optional<std::int64_t> next_ns() const override { return next_ns_; }

  Status tick(std::int64_t now_ns) override {
    if (!next_ns_ || now_ns < *next_ns_) return {};
    next_ns_.reset();
    switch (step_) {
      case Step::before:
        return take_memory();
      case Step::limited:
        return look();
      case Step::down:
        return restart_all(services_, plan_);
    }
    return {};
  }

  Status revert() override {
    next_ns_.reset();
    if (auto lifted = lift(); !lifted) return lifted;
    return counters_.affected > 0 ? restart_all(services_, plan_) : Status();
  }

 private:
  enum class Step { before, limited, down };

  Status take_memory() {
    step_ = Step::limited;
    auto sites = services_.sites({victim_});
    if (!sites) return failure(std::move(sites).error());
    auto plan = plan_to_kill(*sites);
    if (!plan) return failure(std::move(plan).error());
    counters_.matched = plan->killed.size();
    if (plan->killed.empty()) return {};
    auto steps = limit_->plan();
    if (!steps) return failure(std::move(steps).error());
    if (auto noted = record_.note(to_note(*plan, *steps)); !noted) return noted;
    plan_ = std::move(*plan);
    steps_ = std::move(*steps);
    next_ns_ = os::boot_now_ns() + kLookAgainNs;
    return limit_->apply();
  }

  Status look() {
    next_ns_ = os::boot_now_ns() + kLookAgainNs;
    if (limit_->counters().affected == 0) return {};
    next_ns_.reset();
    auto sites = services_.sites({victim_});
    if (!sites) return failure(std::move(sites).error());
    if (auto ended = end_all(sites->front()); !ended) return ended;
    if (auto lifted = lift(); !lifted) return lifted;
    step_ = Step::down;
    if (restart_after_) next_ns_ = counters_.first_ns + restart_after_->count();
    return {};
  }

  // Also the last moment at which the kernel's count can be read.
  Status lift() {
    if (steps_.empty()) return {};
    counters_.affected = std::min(limit_->counters().affected, counters_.matched);
    if (counters_.affected > 0) counters_.first_ns = counters_.last_ns = os::boot_now_ns();
    if (auto undone = undo_steps(steps_); !undone) return undone;
    steps_.clear();
    return {};
  }

  Services& services_;
  FaultRecord& record_;
  const std::string victim_;
  const std::unique_ptr<Change> limit_;
  const std::optional<Duration> restart_after_;
  std::optional<std::int64_t> next_ns_;
  Step step_ = Step::before;
  KillPlan plan_;
  std::vector<UndoStep> steps_;  // empty: there is no limit
  model::EffectCounters counters_;
};

Status check(const model::Injection& injection) {
  const model::ProcessOom& fault = injection.process_oom();
  const Duration restart_after = model::from_proto(fault.restart_after());
  if (fault.has_restart_after() && (restart_after <= Duration::zero() || restart_after > 1h))
    return failure("process.oom: restart_after must be above 0 and at most 1h", EINVAL);
  if (fault.spare() > kSpareMax) return failure("process.oom: spare must be at most 1TiB", EINVAL);
  if (auto services = require_services(kName, injection.scope()); !services) return services;
  if (injection.scope().services_size() != 1) return failure("process.oom: it acts on exactly one service", EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::ProcessOom& fault = preparation.injection.process_oom();
  auto limit = plan_memory_limit({.victims = preparation.victims,
                                  .spare = fault.spare(),
                                  .id = group_name(preparation.record),
                                  .others = other_steps(preparation.record)});
  if (!limit) return failure(std::move(limit).error());
  std::optional<Duration> restart_after;
  if (fault.has_restart_after()) restart_after = model::from_proto(fault.restart_after());
  return std::make_unique<ProcessOom>(preparation, std::move(*limit), restart_after);
}

// Whether the kernel has ended anything is seen from the service's main process. A service must not be started under
// the limit.
Status undo(const LedgerRecord& record, KilledServices killed) {
  if (record.note.empty()) return {};
  const auto steps = parse_steps(record.note);
  if (!steps) return failure(steps.error());
  if (auto undone = undo_steps(*steps); !undone) return undone;
  for (const ServiceSite& site : record.services)
    if (site.main.alive()) return {};
  return undo_kill(record, killed);
}

FaultSupport probe() {
  auto mechanism = memory_limit_mechanism();
  if (!mechanism) return {.missing = mechanism.error().message};
  return {.available = true, .mechanism = *mechanism, .accuracy = "at the next page the service needs"};
}

}  // namespace

constexpr FaultKind kProcessOom{.name = kName, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
