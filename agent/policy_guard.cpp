#include "agent/policy_guard.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "agent/policy_facts.h"
#include "agent/policy_scope.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kLookEvery = 100ms;

// What cannot be looked at counts as there: the owner of the host may have meant it.
bool is_there(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return true;
  return errno != ENOENT && errno != ENOTDIR;
}

}  // namespace

PolicyGuard::PolicyGuard(PolicyGuardOptions options, FaultTable& faults, Services& services,
                         const ProcessFinder& finder)
    : options_(std::move(options)),
      faults_(faults),
      services_(services),
      finder_(finder),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

PolicyGuard::~PolicyGuard() = default;

Result<std::string> PolicyGuard::prepare(const Order& order) {
  std::unique_lock counting(counting_, std::defer_lock);
  if (options_.policy.victims_max) counting.lock();
  if (auto allowed = admit(order, faults_.held()); !allowed) return failure(std::move(allowed).error());
  return faults_.prepare(order);
}

Status PolicyGuard::arm(const std::string& id, const Window& window) {
  const std::vector<HeldFault> held = faults_.held();
  const auto fault = std::find_if(held.begin(), held.end(), [&id](const HeldFault& one) { return one.id == id; });
  if (fault == held.end()) return faults_.arm(id, window);
  // A window that is moved again and again is one long window.
  Window whole = window;
  if (fault->window.start_ns > 0) whole.start_ns = std::min(window.start_ns, fault->window.start_ns);
  model::Injection injection;
  if (!injection.ParseFromString(fault->injection)) return failure("the fault's injection cannot be read");
  if (auto allowed = admit({.id = id, .injection = injection}, held); !allowed) return allowed;
  if (auto allowed = check_policy_window(options_.policy, whole); !allowed) return allowed;
  return faults_.arm(id, window);
}

Status PolicyGuard::admit(const Order& order, const std::vector<HeldFault>& held) {
  if (const auto by = frozen_by()) return frozen(options_.policy, *by);
  auto facts = find_facts(order, held);
  if (!facts) return failure(std::move(facts).error());
  return check_policy(options_.policy, order, *facts);
}

Result<PolicyFacts> PolicyGuard::find_facts(const Order& order, const std::vector<HeldFault>& held) {
  PolicyFacts facts{.agent_port = options_.agent_port, .has_interface = options_.has_interface};
  if (auto found = find_victims(order, held, facts); !found) return failure(std::move(found).error());
  return facts;
}

Result<std::vector<ProcessFacts>> PolicyGuard::find_chosen(const model::Injection& injection) const {
  std::vector<ProcessFacts> all;
  for (const model::ProcessSelector* selector : {processes_in(injection), senders_in(injection)}) {
    if (selector == nullptr) continue;
    auto found = finder_.find(selector_from(*selector));
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

// Only what the policy asks for: a host's processes are many.
Status PolicyGuard::find_victims(const Order& order, const std::vector<HeldFault>& held, PolicyFacts& facts) {
  const Policy& policy = options_.policy;
  const auto& services = order.injection.scope().services();
  auto sites = services_.sites({services.begin(), services.end()});
  if (!sites) return failure(std::move(sites).error());
  for (const ServiceSite& site : *sites)
    facts.folders.push_back(
        fs::path(site.spec.working_directory.empty() ? "/" : site.spec.working_directory).lexically_normal());
  if (!policy.processes.empty() || !policy.cgroups.empty()) {
    auto victims = find_policy_victims(*sites);
    if (!victims) return failure(std::move(victims).error());
    facts.victims = std::move(*victims);
    auto chosen = find_chosen(order.injection);
    if (!chosen) return failure(std::move(chosen).error());
    for (const ProcessFacts& process : *chosen) facts.victims.push_back(policy_victim(process, ""));
  }
  if (!policy.victims_max || (sites->empty() && processes_in(order.injection) == nullptr)) return {};
  auto count = count_victims(order, held);
  if (!count) return failure(std::move(count).error());
  facts.victims_at_once = *count;
  return {};
}

Result<std::size_t> PolicyGuard::count_victims(const Order& order, const std::vector<HeldFault>& held) {
  std::vector<model::Injection> injections = {order.injection};
  for (const HeldFault& fault : held)
    if (model::Injection injection; injection.ParseFromString(fault.injection)) injections.push_back(injection);
  std::set<pid_t> pids;
  for (const model::Injection& injection : injections) {
    for (const std::string& name : injection.scope().services()) {
      auto sites = services_.sites({name});
      // A service that was stopped meanwhile has no processes.
      if (!sites && sites.error().code == ENOENT) continue;
      auto found = sites ? pids_of(*sites) : Result<std::set<pid_t>>(failure(sites.error()));
      if (!found) return failure(std::move(found).error());
      pids.merge(*found);
    }
    const model::ProcessSelector* selector = processes_in(injection);
    if (selector == nullptr) continue;
    auto chosen = finder_.find(selector_from(*selector));
    if (!chosen) return failure(std::move(chosen).error());
    for (const ProcessFacts& process : *chosen) pids.insert(process.identity.pid);
  }
  return pids.size();
}

std::optional<fs::path> PolicyGuard::frozen_by() const {
  for (const fs::path* file : {&options_.policy.freeze_file, &options_.state_freeze})
    if (!file->empty() && is_there(*file)) return *file;
  return std::nullopt;
}

void PolicyGuard::watch(const std::stop_token& stop) {
  bool was_frozen = false;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto by = frozen_by();
    if (by && !was_frozen) log::warning("{} exists: all faults are ended, new ones are refused", by->string());
    if (!by && was_frozen) log::info("the freeze file is gone: faults are allowed again");
    was_frozen = by.has_value();
    if (by) end_faults(*by);
    wake_.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

void PolicyGuard::end_faults(const fs::path& by) {
  auto ended = faults_.revert_all();
  if (ended) {
    for (const std::string& id : *ended) log::warning("{} ended the fault '{}'", by.string(), id);
    complaint_.clear();
    return;
  }
  // It is tried again at the next look; said only once.
  if (complaint_ != ended.error().message) log::error("{}: {}", by.string(), ended.error().message);
  complaint_ = ended.error().message;
}

}  // namespace fracas::agent
