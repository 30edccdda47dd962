#include "agent/fault_table.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/process_kill.h"
#include "agent/faults/process_pause.h"
#include "lib/base/ensure.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFaultsMax = 1000;
constexpr std::size_t kRememberedMax = 1000;
constexpr Duration kLockWait = 2s;
constexpr std::int64_t kRetryNs = 1'000'000'000;

FaultReport report(const std::string& id, const Effect& effect) {
  return {id, effect.mechanism(), effect.counters()};
}

const std::vector<std::string>* services_of(const Injection& injection) {
  if (const auto* kill = std::get_if<ProcessKillRule>(&injection)) return &kill->services;
  if (const auto* pause = std::get_if<ProcessPauseRule>(&injection)) return &pause->services;
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<FaultTable>> FaultTable::start(Ledger ledger, LeaseFile lease, Services& services,
                                                      NetSlot& net) {
  std::unique_ptr<FaultTable> table(new FaultTable(std::move(ledger), std::move(lease), services, net));
  auto scheduler = Scheduler::start([owner = table.get()](const std::string& id) { owner->on_due(id); });
  if (!scheduler) return failure(std::move(scheduler).error());
  table->scheduler_ = std::move(*scheduler);
  return table;
}

FaultTable::FaultTable(Ledger ledger, LeaseFile lease, Services& services, NetSlot& net)
    : ledger_(std::move(ledger)), lease_(std::move(lease)), services_(services), net_(net) {}

FaultTable::~FaultTable() {
  if (auto reverted = revert_all(); !reverted) log::error("{}", reverted.error().message);
  scheduler_.reset();
}

Result<std::string> FaultTable::prepare(const Order& order) {
  if (auto valid = check_order(order); !valid) return failure(std::move(valid).error());
  NetPlane* plane = nullptr;
  if (std::holds_alternative<NetRule>(order.injection)) {
    // Outside the lock: renewals go on while the plane loads.
    auto opened = net_.get();
    if (!opened) return failure(std::move(opened).error().context(kind(order.injection)));
    plane = *opened;
  }
  std::unique_lock lock(mutex_);
  ended_one_.wait(lock, [this, &order] { return !ending_.contains(order.id); });
  if (const auto held = faults_.find(order.id); held != faults_.end()) {
    if (!same(held->second.injection, order.injection))
      return failure("fault '" + order.id + "' exists already with another content", EEXIST);
    prolong(order.lease);
    return held->second.effect->mechanism();
  }
  if (faults_.size() >= kFaultsMax) return failure(fmt::format("this agent holds {} faults already", kFaultsMax));
  auto mechanism = build(order, plane);
  if (!mechanism) return failure(std::move(mechanism).error().context(kind(order.injection)));
  return mechanism;
}

Result<std::string> FaultTable::build(const Order& order, NetPlane* plane) {
  Fault fault{.injection = order.injection, .record = {}, .effect = nullptr};
  fault.record.id = order.id;
  fault.record.kind = kind(order.injection);
  if (const auto* names = services_of(order.injection)) {
    auto sites = services_.sites(*names);
    if (!sites) return failure(std::move(sites).error());
    fault.record.services = std::move(*sites);
  }
  // First the lease, so that the guardian does not take the new record for one whose lease is over.
  prolong(order.lease);
  if (auto written = ledger_.write(fault.record); !written) return failure(std::move(written).error());
  if (auto made = make_effect(fault, plane); !made) {
    static_cast<void>(ledger_.remove(order.id));
    return failure(std::move(made).error());
  }
  fault.effect->renew(lease_.end_ns());
  std::string mechanism = fault.effect->mechanism();
  std::erase_if(ended_, [&order](const FaultReport& old) { return old.id == order.id; });
  const auto [at, added] = faults_.emplace(order.id, std::move(fault));
  ensure(added, "a new fault's id is free");
  schedule(order.id, at->second);
  return mechanism;
}

Status FaultTable::make_effect(Fault& fault, NetPlane* plane) {
  if (const auto* rule = std::get_if<NetRule>(&fault.injection)) {
    auto effect = plane->prepare(*rule);
    if (!effect) return failure(std::move(effect).error());
    fault.effect = std::move(*effect);
    return {};
  }
  std::unique_ptr<TimedEffect> timed;
  if (const auto* rule = std::get_if<ProcessKillRule>(&fault.injection)) {
    timed = make_process_kill(services_, *rule, [this, id = fault.record.id](const KillPlan& plan) {
      return record_kill(id, plan.restart, plan.killed);
    });
  } else {
    timed = make_process_pause(services_, fault.record.services);
  }
  fault.timed = timed.get();
  fault.effect = std::move(timed);
  return {};
}

Status FaultTable::record_kill(const std::string& id, const std::vector<std::string>& restart,
                               const std::vector<os::ProcessIdentity>& killed) {
  const auto found = faults_.find(id);
  ensure(found != faults_.end(), "only a fault in the table kills");
  LedgerRecord record = found->second.record;
  record.acted = true;
  record.restart = restart;
  record.killed = killed;
  if (auto written = ledger_.write(record); !written) return written;
  found->second.record = std::move(record);
  return {};
}

Status FaultTable::arm(const std::string& id, const Window& window) {
  const std::lock_guard lock(mutex_);
  const auto found = faults_.find(id);
  if (found == faults_.end()) return failure("no fault '" + id + "' is prepared here", ENOENT);
  if (auto valid = check_window(window, os::boot_now_ns()); !valid) return valid;
  LedgerRecord record = found->second.record;
  record.window = window;
  if (auto written = ledger_.write(record); !written) return written;
  if (auto armed = found->second.effect->arm(window); !armed) {
    static_cast<void>(ledger_.write(found->second.record));
    return armed;
  }
  found->second.record = std::move(record);
  schedule(id, found->second);
  return {};
}

// The agent's own lease moves on; a due moment computed from the old one only finds out that it came too early.
void FaultTable::prolong(Duration lease) {
  const std::int64_t end = agent::lease_end_ns(os::boot_now_ns(), lease_.end_ns(), lease);
  lease_.set_end_ns(end);
  net_.renew(end);
  for (auto& [id, fault] : faults_) fault.effect->renew(end);
}

Result<std::vector<FaultReport>> FaultTable::renew(Duration lease) {
  if (auto valid = check_lease(lease); !valid) return failure(std::move(valid).error());
  const std::lock_guard lock(mutex_);
  prolong(lease);
  std::vector<FaultReport> reports;
  for (const auto& [id, fault] : faults_) reports.push_back(report(id, *fault.effect));
  for (const FaultReport& ended : ended_)
    if (std::find(unreported_.begin(), unreported_.end(), ended.id) != unreported_.end()) reports.push_back(ended);
  unreported_.clear();
  return reports;
}

void FaultTable::schedule(const std::string& id, const Fault& fault) {
  std::int64_t when = fault_end_ns(fault.record.window.end_ns, lease_.end_ns());
  if (fault.timed != nullptr)
    if (const auto next = fault.timed->next_ns()) when = std::min(when, *next);
  scheduler_->set(id, when);
}

void FaultTable::on_due(const std::string& id) {
  std::unique_lock lock(mutex_);
  const auto found = faults_.find(id);
  if (found == faults_.end()) return;
  const std::int64_t now = os::boot_now_ns();
  if (now < fault_end_ns(found->second.record.window.end_ns, lease_.end_ns())) {
    tick(id, found->second, now);
    schedule(id, found->second);
    return;
  }
  if (auto finished = finish(lock, id); !finished) {
    log::error("{}; it is tried again", finished.error().message);
    scheduler_->set(id, now + kRetryNs);
  }
}

void FaultTable::tick(const std::string& id, Fault& fault, std::int64_t now_ns) {
  if (fault.timed == nullptr) return;
  const auto next = fault.timed->next_ns();
  if (!next || *next > now_ns) return;
  auto locked = ledger_.lock(id, kLockWait);
  // Without its record the fault could not be undone by others, so it does not act.
  Status done = !locked ? Status(failure(std::move(locked).error())) : Status();
  if (done && !ledger_.holds(id)) done = failure("its ledger record is gone");
  if (done) done = fault.timed->tick(now_ns);
  if (done) return;
  log::error("{} '{}': {}", fault.record.kind, id, done.error().message);
  fault.record.window.end_ns = now_ns;
}

Status FaultTable::finish(std::unique_lock<std::mutex>& lock, const std::string& id) {
  ended_one_.wait(lock, [this, &id] { return !ending_.contains(id); });
  auto taken = faults_.extract(id);
  if (taken.empty()) return {};
  ending_.insert(id);
  lock.unlock();
  auto reverted = take_back(id, taken.mapped());
  lock.lock();
  ending_.erase(id);
  ended_one_.notify_all();
  if (!reverted) {
    faults_.insert(std::move(taken));
    return reverted;
  }
  scheduler_->clear(id);
  remember(report(id, *taken.mapped().effect));
  return {};
}

Status FaultTable::take_back(const std::string& id, Fault& fault) const {
  auto locked = ledger_.lock(id, kLockWait);
  if (!locked) return failure(std::move(locked).error());
  if (auto reverted = fault.effect->revert(); !reverted)
    return failure(std::move(reverted).error().context(fault.record.kind + " '" + id + "'"));
  return ledger_.remove(id);
}

void FaultTable::remember(FaultReport ended) {
  if (unreported_.size() < kRememberedMax) unreported_.push_back(ended.id);
  ended_.push_back(std::move(ended));
  if (ended_.size() > kRememberedMax) ended_.pop_front();
}

Result<std::optional<FaultReport>> FaultTable::revert(const std::string& id) {
  std::unique_lock lock(mutex_);
  if (auto finished = finish(lock, id); !finished) return failure(std::move(finished).error());
  for (const FaultReport& ended : ended_)
    if (ended.id == id) return std::optional(ended);
  return std::optional<FaultReport>();
}

Result<std::vector<std::string>> FaultTable::revert_all() {
  std::unique_lock lock(mutex_);
  std::vector<std::string> ids(ending_.begin(), ending_.end());
  for (const auto& [id, fault] : faults_) ids.push_back(id);
  Status outcome;
  for (const std::string& id : ids)
    if (auto finished = finish(lock, id); !finished && outcome) outcome = std::move(finished);
  if (!outcome) return failure(std::move(outcome).error());
  return ids;
}

}  // namespace fracas::agent
