#include "agent/fault_table.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "agent/catalogue.h"
#include "agent/policy_scope.h"
#include "lib/base/ensure.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFaultsMax = 1000;
constexpr std::size_t kRememberedMax = 1000;
constexpr std::int64_t kRetryNs = 1'000'000'000;

FaultReport report(const std::string& id, const Effect& effect) {
  return {id, effect.mechanism(), effect.counters(), effect.processes()};
}

}  // namespace

Result<std::unique_ptr<FaultTable>> FaultTable::start(Ledger ledger, LeaseFile lease, Services& services, NetSlot& net,
                                                      const ProcessFinder& finder) {
  std::unique_ptr<FaultTable> table(new FaultTable(std::move(ledger), std::move(lease), services, net, finder));
  auto scheduler = Scheduler::start([owner = table.get()](const std::string& id) { owner->on_due(id); });
  if (!scheduler) return failure(std::move(scheduler).error());
  table->scheduler_ = std::move(*scheduler);
  return table;
}

FaultTable::FaultTable(Ledger ledger, LeaseFile lease, Services& services, NetSlot& net, const ProcessFinder& finder)
    : ledger_(std::move(ledger)), lease_(std::move(lease)), services_(services), net_(net), finder_(finder) {}

FaultTable::~FaultTable() {
  if (auto reverted = revert_all(); !reverted) log::error("{}", reverted.error().message);
  scheduler_.reset();
}

Result<std::string> FaultTable::prepare(const Order& order) {
  if (auto valid = check_order(order); !valid) return failure(std::move(valid).error());
  const std::string injection = order.injection.SerializeAsString();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this, &order] { return !busy_.contains(order.id); });
  if (const auto held = faults_.find(order.id); held != faults_.end()) {
    if (held->second.injection != injection)
      return failure("fault '" + order.id + "' exists already with another content", EEXIST);
    prolong(order.lease);
    return held->second.effect->mechanism();
  }
  if (faults_.size() + busy_.size() >= kFaultsMax)
    return failure(fmt::format("this agent holds {} faults already", kFaultsMax));
  // First the lease, so that the guardian does not take the new record for one whose lease is over.
  prolong(order.lease);
  busy_.insert(order.id);
  lock.unlock();
  auto built = build(order);
  lock.lock();
  busy_.erase(order.id);
  idle_.notify_all();
  if (!built) return failure(std::move(built).error().context(kind_of(order.injection)->name));
  built->injection = injection;
  built->effect->renew(lease_.end_ns());
  std::erase_if(ended_, [&order](const FaultReport& old) { return old.id == order.id; });
  const auto [at, added] = faults_.emplace(order.id, std::move(*built));
  ensure(added, "a new fault's id is free");
  ++totals_[std::string(at->second.kind->name)].prepared;
  schedule(order.id, at->second);
  return at->second.effect->mechanism();
}

Result<std::optional<ChosenProcesses>> FaultTable::choose(const model::Injection& injection) const {
  const model::ProcessSelector* selector = processes_in(injection);
  if (selector == nullptr) return std::optional<ChosenProcesses>();
  ChosenProcesses chosen(finder_, selector_from(*selector));
  const auto now = chosen.look();
  if (!now) return failure(now.error());
  if (now->empty()) return failure("there are no " + chosen.words(), ENOENT);
  return std::optional(std::move(chosen));
}

Result<std::vector<std::filesystem::path>> FaultTable::find_senders(const model::Injection& injection) const {
  const model::ProcessSelector* selector = senders_in(injection);
  if (selector == nullptr) return std::vector<std::filesystem::path>();
  return finder_.cgroups(selector_from(*selector));
}

Result<FaultTable::Fault> FaultTable::build(const Order& order) {
  const auto& services = order.injection.scope().services();
  auto victims = services_.sites({services.begin(), services.end()});
  if (!victims) return failure(std::move(victims).error());
  const auto chosen = choose(order.injection);
  if (!chosen) return failure(chosen.error());
  const auto senders = find_senders(order.injection);
  if (!senders) return failure(senders.error());
  Fault fault{.kind = kind_of(order.injection), .injection = {}, .record = nullptr, .effect = nullptr};
  auto record = FaultRecord::write(
      ledger_, {.id = order.id, .kind = std::string(fault.kind->name), .window = {}, .services = *victims, .note = {}});
  if (!record) return failure(std::move(record).error());
  fault.record = std::move(*record);
  auto effect = fault.kind->prepare({.injection = order.injection,
                                     .victims = *victims,
                                     .chosen = *chosen,
                                     .senders = *senders,
                                     .services = services_,
                                     .net = net_,
                                     .record = *fault.record});
  if (!effect) {
    static_cast<void>(fault.record->remove());
    return failure(std::move(effect).error());
  }
  fault.effect = std::move(*effect);
  return fault;
}

Status FaultTable::arm(const std::string& id, const Window& window) {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this, &id] { return !busy_.contains(id); });
  const auto found = faults_.find(id);
  if (found == faults_.end()) return failure("no fault '" + id + "' is prepared here", ENOENT);
  if (auto valid = check_window(window, os::boot_now_ns()); !valid) return valid;
  Fault& fault = found->second;
  if (auto written = fault.record->set_window(window); !written) return written;
  if (auto armed = fault.effect->arm(window); !armed) {
    static_cast<void>(fault.record->set_window(fault.window));
    return armed;
  }
  fault.window = window;
  schedule(id, fault);
  return {};
}

// The agent's own lease moves on; a due moment computed from the old one only finds out that it came too early.
void FaultTable::prolong(Duration lease) {
  const std::int64_t end = agent::lease_end_ns(os::boot_now_ns(), lease_.end_ns(), lease);
  lease_.set_end_ns(end);
  net_.renew(end);
  for (auto& [id, fault] : faults_)
    if (!busy_.contains(id)) fault.effect->renew(end);
}

Result<std::vector<FaultReport>> FaultTable::renew(Duration lease) {
  if (auto valid = check_lease(lease); !valid) return failure(std::move(valid).error());
  const std::lock_guard lock(mutex_);
  prolong(lease);
  std::vector<FaultReport> reports;
  for (const auto& [id, fault] : faults_)
    reports.push_back(busy_.contains(id) ? fault.seen : report(id, *fault.effect));
  for (const FaultReport& ended : ended_)
    if (std::find(unreported_.begin(), unreported_.end(), ended.id) != unreported_.end()) reports.push_back(ended);
  unreported_.clear();
  return reports;
}

void FaultTable::schedule(const std::string& id, const Fault& fault) {
  std::int64_t when = fault_end_ns(fault.window.end_ns, lease_.end_ns());
  if (const auto next = fault.effect->next_ns()) when = std::min(when, *next);
  scheduler_->set(id, when);
}

void FaultTable::on_due(const std::string& id) {
  std::unique_lock lock(mutex_);
  const auto found = faults_.find(id);
  if (found == faults_.end() || busy_.contains(id)) return;
  const std::int64_t now = os::boot_now_ns();
  if (now < fault_end_ns(found->second.window.end_ns, lease_.end_ns())) {
    tick(lock, id, found->second, now);
    schedule(id, found->second);
    return;
  }
  if (auto finished = finish(lock, id); !finished) log::error("{}; it is tried again", finished.error().message);
}

void FaultTable::tick(std::unique_lock<std::mutex>& lock, const std::string& id, Fault& fault, std::int64_t now_ns) {
  const auto next = fault.effect->next_ns();
  if (!next || *next > now_ns) return;
  fault.seen = report(id, *fault.effect);
  busy_.insert(id);
  lock.unlock();
  const Status done = step(fault, now_ns);
  lock.lock();
  fault.effect->renew(lease_.end_ns());
  busy_.erase(id);
  idle_.notify_all();
  if (done) return;
  log::error("{} '{}': {}", fault.kind->name, id, done.error().message);
  fault.window.end_ns = now_ns;
}

Status FaultTable::step(Fault& fault, std::int64_t now_ns) {
  auto held = fault.record->hold();
  // Without its record the fault could not be undone by others, so it does not act.
  if (!held) return failure(std::move(held).error());
  if (!fault.record->exists()) return failure("its ledger record is gone");
  return fault.effect->tick(now_ns);
}

Status FaultTable::finish(std::unique_lock<std::mutex>& lock, const std::string& id) {
  idle_.wait(lock, [this, &id] { return !busy_.contains(id); });
  auto taken = faults_.extract(id);
  if (taken.empty()) return {};
  busy_.insert(id);
  lock.unlock();
  auto reverted = take_back(id, taken.mapped());
  lock.lock();
  busy_.erase(id);
  idle_.notify_all();
  if (!reverted) {
    // Half undone it is over, and the rest is tried until it succeeds, whoever asked for it first.
    const std::int64_t now = os::boot_now_ns();
    taken.mapped().window.end_ns = now;
    faults_.insert(std::move(taken));
    scheduler_->set(id, now + kRetryNs);
    return reverted;
  }
  scheduler_->clear(id);
  remember(*taken.mapped().kind, report(id, *taken.mapped().effect));
  return {};
}

Status FaultTable::take_back(const std::string& id, Fault& fault) {
  auto held = fault.record->hold();
  if (!held) return failure(std::move(held).error());
  if (auto reverted = fault.effect->revert(); !reverted)
    return failure(std::move(reverted).error().context(fmt::format("{} '{}'", fault.kind->name, id)));
  return fault.record->remove();
}

void FaultTable::remember(const FaultKind& kind, FaultReport ended) {
  KindTotals& totals = totals_[std::string(kind.name)];
  ++totals.ended;
  totals.affected += ended.counters.affected;
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

std::vector<HeldFault> FaultTable::held() {
  const std::lock_guard lock(mutex_);
  std::vector<HeldFault> held;
  for (const auto& [id, fault] : faults_)
    held.push_back({.id = id, .injection = fault.injection, .window = fault.window});
  return held;
}

std::map<std::string, KindTotals> FaultTable::totals() {
  const std::lock_guard lock(mutex_);
  return totals_;
}

Result<std::vector<std::string>> FaultTable::revert_all() {
  std::unique_lock lock(mutex_);
  std::set<std::string> ids = busy_;
  for (const auto& [id, fault] : faults_) ids.insert(id);
  Status outcome;
  // Twice, because one may be in another's way: a process has one tracer only.
  for (int pass = 0; pass < 2; ++pass) {
    outcome = {};
    for (const std::string& id : ids)
      if (auto finished = finish(lock, id); !finished && outcome) outcome = std::move(finished);
    if (outcome) return std::vector<std::string>(ids.begin(), ids.end());
  }
  return failure(std::move(outcome).error());
}

}  // namespace fracas::agent
