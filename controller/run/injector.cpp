#include "controller/run/injector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <tuple>

#include "controller/run/on_hosts.h"
#include "controller/world/agent_client.h"
#include "controller/world/waiting.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// How long before its start a fault is prepared: an fsync, some map writes and two calls to each agent fit in.
constexpr std::int64_t kLead_ns = 200'000'000;
// A window never starts sooner than this after arming began, nor sooner than preparing took, so that all hosts start
// together, and that a busy host hears of a short window before it is over.
constexpr std::int64_t kArmLead_ns = 10'000'000;
// What each host more adds to both: the calls to many hosts take their time.
constexpr std::int64_t kLeadForEach_ns = 500'000;
constexpr std::int64_t kFewHosts = 15;
// How often it is looked again whether somebody leads, or a host is free.
constexpr std::int64_t kPoll_ns = 50'000'000;

}  // namespace

Injector::Injector(InjectorOptions options) : options_(std::move(options)), hits_(victims_max(options_.experiment)) {
  for (const Host& host : options_.world.hosts()) addresses_[host.name] = {host.ipv4, host.ipv6};
  for (const PlannedFault& fault : options_.timeline.planned) threads_.emplace_back([this, &fault] { inject(fault); });
}

std::vector<model::FaultWindow> Injector::finish() {
  threads_.clear();
  std::sort(windows_.begin(), windows_.end(),
            [](const auto& a, const auto& b) { return std::tie(a.start_ns, a.id) < std::tie(b.start_ns, b.id); });
  return std::move(windows_);
}

// Asks who has the roles until somebody has, where that matters.
Result<ResolvedFault> Injector::resolve_now(const PlannedFault& fault, std::int64_t patience_ns) const {
  const bool asks = needs_roles(options_.experiment, fault);
  const std::int64_t deadline_ns = os::boot_now_ns() + patience_ns;
  Roles roles;
  while (asks) {
    roles = options_.roles();
    const std::int64_t next_ns = os::boot_now_ns() + kPoll_ns;
    if (roles_known(options_.experiment, fault, roles) || next_ns > deadline_ns) break;
    if (!sleep_until(next_ns, options_.abort.token())) break;
  }
  return resolve(options_.experiment, fault, options_.timeline.hosts, roles, addresses_, std::string(kNodeService));
}

bool Injector::does_without(const std::string& host, const Error& error) const {
  return (error.code == ECONNREFUSED || error.code == ETIMEDOUT) && options_.lose(host, error);
}

std::vector<std::string> Injector::without_lost(const std::vector<std::string>& hosts) const {
  std::vector<std::string> left;
  std::ranges::copy_if(hosts, std::back_inserter(left),
                       [this](const std::string& host) { return !options_.is_lost(host); });
  return left;
}

std::int64_t Injector::lead_ns(const std::vector<std::string>& hosts, std::int64_t least_ns) const {
  return least_ns + std::max<std::int64_t>(0, static_cast<std::int64_t>(hosts.size()) - kFewHosts) * kLeadForEach_ns;
}

Status Injector::prepare(const PlannedFault& fault, const ResolvedFault& resolved,
                         std::map<std::string, std::string>& mechanisms) {
  const auto answers =
      ask_hosts<std::string>(without_lost(resolved.victims), [&](const std::string& host, Done<std::string> done) {
        options_.world.agent(host).prepare(fault.id, *resolved.injections.at(host), options_.lease, std::move(done));
      });
  for (const auto& [host, answer] : answers) {
    if (!answer && !does_without(host, answer.error())) return failure(answer.error());
    if (answer) mechanisms[host] = *answer;
  }
  return {};
}

Status Injector::arm(const std::string& id, const std::vector<std::string>& hosts, const model::FaultWindow& window) {
  const auto answers = ask_hosts<void>(hosts, [&](const std::string& host, Done<void> done) {
    const auto found = options_.clock_offsets_ns.find(host);
    const std::int64_t offset_ns = found == options_.clock_offsets_ns.end() ? 0 : found->second;
    const ArmWindow there{.start_boot_ns = window.start_ns + offset_ns, .end_boot_ns = window.end_ns + offset_ns};
    options_.world.agent(host).arm(id, there, std::move(done));
  });
  for (const auto& [host, answer] : answers)
    if (!answer && !does_without(host, answer.error())) return failure(answer.error());
  return {};
}

void Injector::revert(const std::vector<std::string>& hosts, model::FaultWindow& window) {
  const auto answers =
      ask_hosts<FaultCounters>(without_lost(hosts), [&](const std::string& host, Done<FaultCounters> done) {
        options_.world.agent(host).revert(window.id, std::move(done));
      });
  for (const auto& [host, answer] : answers)
    if (!answer && !does_without(host, answer.error()))
      options_.abort.lose(fmt::format("{} could not be reverted: {}", window.id, answer.error().message));
  for (model::HostEffect& effect : window.effects) {
    const auto found = answers.find(effect.host);
    if (found == answers.end() || !found->second) continue;
    effect.counters = found->second->counters;
    effect.processes = found->second->processes;
  }
}

// Victims that were drawn while planning are within the bound; those that depend on who leads are counted here. An
// occurrence that just ended may still be on its way back, so a while is waited for its hosts.
bool Injector::claim(const PlannedFault& fault, const std::vector<std::string>& victims) {
  if (!counts_as_hit(fault.kind)) return true;
  const std::int64_t deadline_ns = os::boot_now_ns() + 2 * kLead_ns;
  while (true) {
    {
      const std::scoped_lock lock(mutex_);
      if (hits_.add(victims)) return true;
    }
    const std::int64_t next_ns = os::boot_now_ns() + kPoll_ns;
    if (next_ns > deadline_ns || !sleep_until(next_ns, options_.abort.token())) return false;
  }
}

void Injector::release(const PlannedFault& fault, const std::vector<std::string>& victims) {
  const std::scoped_lock lock(mutex_);
  if (counts_as_hit(fault.kind)) hits_.remove(victims);
}

void Injector::skip(model::FaultWindow window, const std::string& why) {
  if (options_.abort.happened()) return;
  window.description += " (not injected: " + why + ")";
  options_.tell(window, FaultMoment::failed);
  const std::scoped_lock lock(mutex_);
  windows_.push_back(std::move(window));
}

std::optional<std::int64_t> Injector::start_of(const PlannedFault& fault, model::FaultWindow& window) {
  const std::int64_t planned_ns = options_.faults_begin_ns + fault.start.count();
  std::int64_t start_ns = planned_ns;
  const std::stop_token stopping = options_.abort.token();
  if (fault.awaited) {
    const Awaited& awaited = *fault.awaited;
    if (!sleep_until(planned_ns, stopping)) return std::nullopt;
    const auto happening =
        options_.happenings.wait(awaited.event, planned_ns, planned_ns + awaited.within.count(), stopping);
    if (!happening) {
      skip(window, fmt::format("no {} within {}", model::to_text(awaited.event), format_duration(awaited.within)));
      return std::nullopt;
    }
    window.trigger = happening->text();
    window.trigger_ns = happening->time_ns;
    start_ns = happening->time_ns + awaited.delay.count();
  }
  if (!sleep_until(start_ns - lead_ns(options_.timeline.hosts, kLead_ns), stopping)) return std::nullopt;
  return start_ns;
}

void Injector::inject(const PlannedFault& fault) {
  const std::int64_t planned_ns = options_.faults_begin_ns + fault.start.count();
  model::FaultWindow window{.id = fault.id,
                            .name = fault.name,
                            .kind = fault.kind,
                            .description = fault.description,
                            .start_ns = planned_ns,
                            .end_ns = planned_ns,
                            .effects = {}};
  const auto start_ns = start_of(fault, window);
  if (!start_ns) return;
  window.start_ns = window.end_ns = *start_ns;
  auto resolved = resolve_now(fault, kLead_ns + fault.length.count());
  if (!resolved) return skip(window, resolved.error().message);
  window.description = resolved->description;
  window.links = links_of(*resolved, addresses_);
  if (!claim(fault, resolved->victims)) return skip(window, "more hosts than safety.victims_max allows would be hit");
  play(fault, *resolved, window);
}

void Injector::play(const PlannedFault& fault, const ResolvedFault& resolved, model::FaultWindow& window) {
  std::map<std::string, std::string> mechanisms;
  const std::int64_t begun_ns = os::boot_now_ns();
  if (auto prepared = prepare(fault, resolved, mechanisms); !prepared) {
    revert(resolved.victims, window);
    release(fault, resolved.victims);
    return options_.abort.lose(fmt::format("{}: {}", fault.id, prepared.error().message));
  }
  const std::vector<std::string> victims = without_lost(resolved.victims);
  for (const std::string& host : victims)
    window.effects.push_back({.host = host, .mechanism = mechanisms[host], .counters = {}});
  const std::int64_t prepared_ns = os::boot_now_ns();
  const std::int64_t soonest_ns = prepared_ns + std::max(prepared_ns - begun_ns, lead_ns(victims, kArmLead_ns));
  window.start_ns = std::max(window.start_ns, soonest_ns);
  window.end_ns = window.start_ns + fault.length.count();
  if (auto armed = arm(fault.id, victims, window); !armed)
    options_.abort.lose(fmt::format("{}: {}", fault.id, armed.error().message));

  if (sleep_until(window.start_ns, options_.abort.token())) {
    options_.tell(window, FaultMoment::armed);
    happen(model::RunEventKind::fault_started, window, window.start_ns);
    sleep_until(window.end_ns, options_.abort.token());
  }
  window.end_ns = std::min(window.end_ns, os::boot_now_ns());
  revert(victims, window);
  release(fault, resolved.victims);
  options_.tell(window, FaultMoment::ended);
  happen(model::RunEventKind::fault_ended, window, window.end_ns);
  const std::scoped_lock lock(mutex_);
  windows_.push_back(window);
}

void Injector::happen(model::RunEventKind kind, const model::FaultWindow& window, std::int64_t time_ns) {
  options_.happenings.publish({.event = {.kind = kind, .fault = window.name}, .time_ns = time_ns, .detail = window.id});
}

}  // namespace fracas::controller
