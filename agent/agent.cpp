#include "agent/agent.h"

#include <unistd.h>

#include <cerrno>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "agent/fingerprint.h"
#include "agent/policy_facts.h"
#include "lib/base/log.h"
#include "lib/os/cgroup.h"
#include "lib/os/file.h"

namespace fracas::agent {

Result<std::unique_ptr<Agent>> Agent::open(AgentOptions options) {
  std::error_code failed;
  std::filesystem::create_directories(options.state, failed);
  if (failed) return failure("create " + options.state.string() + ": " + failed.message(), failed.value());
  auto lock = os::try_lock_file(StateDir(options.state).lock());
  if (!lock && lock.error().code == EWOULDBLOCK)
    return failure("another agent runs on " + options.state.string(), EEXIST);
  if (!lock) return failure(std::move(lock).error());
  std::unique_ptr<Agent> agent(new Agent(std::move(options), std::move(*lock)));
  if (auto prepared = agent->prepare_state(); !prepared) return failure(std::move(prepared).error());
  if (auto started = agent->start_parts(); !started) return failure(std::move(started).error());
  return agent;
}

Agent::Agent(AgentOptions options, os::UniqueFd lock)
    : options_(std::move(options)),
      state_(options_.state),
      lock_(std::move(lock)),
      services_(options_.cgroup),
      net_(options_.interfaces, [this](std::span<const int> fds) { return guardian_->hold(fds); }) {}

Agent::~Agent() {
  shut_down();
}

Status Agent::prepare_state() {
  const HealOutcome earlier = heal_after_dead_agent(state_);
  for (const std::string& line : earlier.reverted) log::warning("an earlier agent left this, it is reverted: {}", line);
  if (!earlier.leftovers.empty())
    return failure("an earlier agent left this, and it cannot be undone: " + earlier.leftovers.front());
  if (!options_.cgroup.empty() && !os::Cgroup::mount_point()) {
    log::warning("no cgroup2 file system is mounted: services are followed by their session");
    options_.cgroup.clear();
  }
  services_.set_parent(options_.cgroup);
  auto fingerprint = take_fingerprint(options_.cgroup, options_.state);
  if (!fingerprint) return failure(std::move(fingerprint).error());
  fingerprint_ = std::move(*fingerprint);
  if (auto written = os::write_file_durably(state_.fingerprint(), join_lines(fingerprint_)); !written) return written;
  auto self = os::ProcessIdentity::of(::getpid());
  if (!self) return failure(std::move(self).error());
  return state_.write_agent({.process = *self, .cgroup = options_.cgroup});
}

Status Agent::start_parts() {
  auto ledger = Ledger::open(state_.ledger());
  if (!ledger) return failure(std::move(ledger).error());
  auto lease = LeaseFile::open(state_.lease());
  if (!lease) return failure(std::move(lease).error());
  lease->set_end_ns(0);
  auto guardian = GuardianLink::start(
      {.state = options_.state, .cgroup = options_.cgroup, .exit_with = options_.exit_with}, options_.inherited);
  if (!guardian) return failure(std::move(guardian).error());
  guardian_ = std::move(*guardian);
  finder_ = ProcessFinder(
      {.reach = reach_of_agent(options_.exit_with > 0, options_.cgroup),
       .is_protected =
           [this](const ProcessFacts& process) { return is_protected(options_.policy, policy_victim(process, "")); },
       .most = options_.policy.victims_max});
  auto faults = FaultTable::start(std::move(*ledger), std::move(*lease), services_, net_, finder_);
  if (!faults) return failure(std::move(faults).error());
  faults_ = std::move(*faults);
  return start_policy();
}

Status Agent::start_policy() {
  Policy policy = options_.policy;
  // A lab's names are not the host's, and nothing of the host's network is in it.
  if (options_.exit_with > 0 && !shares_network_of_host()) {
    policy.ports.clear();
    policy.interfaces.clear();
  }
  bool has_interface = true;
  if (!policy.interfaces.empty()) {
    auto present = find_interfaces();
    if (!present) return failure(std::move(present).error());
    auto allowed = allowed_interfaces(policy, options_.interfaces, *present);
    if (!allowed) return failure(std::move(allowed).error());
    has_interface = !allowed->empty();
    net_.set_interfaces(*allowed);
  }
  net_.set_spared(spared_ports(policy, options_.port));
  policy_ = std::make_unique<PolicyGuard>(PolicyGuardOptions{.policy = std::move(policy),
                                                             .state_freeze = state_.freeze(),
                                                             .agent_port = options_.port,
                                                             .has_interface = has_interface},
                                          *faults_, services_, finder_);
  // Without names it would take all of them. Where there is none yet, it is opened when a fault needs it.
  const auto present = find_interfaces();
  if (has_interface && !(present && present->empty())) net_.open_in_background();
  return {};
}

Result<std::string> Agent::prepare(const Order& order) {
  if (auto valid = check_order(order); !valid) return failure(std::move(valid).error());
  if (auto ready = guardian_->wait_ready(); !ready) return failure(std::move(ready).error());
  return policy_->prepare(order);
}

Status Agent::arm(const std::string& id, const Window& window) {
  return policy_->arm(id, window);
}

Status Agent::replace_guardian() {
  if (auto launched = guardian_->restart(); !launched) return launched;
  return net_.hand_over_again();
}

Result<std::vector<std::string>> Agent::drain(bool on) {
  if (!on) {
    if (auto removed = os::remove_durably(state_.freeze()); !removed) return failure(std::move(removed).error());
    log::info("taken back: faults are allowed again");
    return std::vector<std::string>();
  }
  if (auto frozen = os::write_file_durably(state_.freeze(), "drained by a controller\n"); !frozen)
    return failure(std::move(frozen).error());
  log::warning("drained: all faults are ended, new ones are refused");
  return faults_->revert_all();
}

HealOutcome Agent::heal() {
  const std::lock_guard lock(healing_);
  HealOutcome outcome;
  auto reverted = faults_->revert_all();
  if (reverted) {
    outcome.reverted = std::move(*reverted);
  } else {
    outcome.leftovers.push_back(reverted.error().message);
  }
  if (auto stopped = services_.stop_all(); !stopped) outcome.leftovers.push_back(stopped.error().message);
  net_.close();
  if (auto dropped = guardian_->hold({}); !dropped) log::warning("{}", dropped.error().message);
  const auto now = take_fingerprint(options_.cgroup, options_.state);
  if (!now) {
    outcome.leftovers.push_back(now.error().message);
    return outcome;
  }
  for (std::string& difference : compare_fingerprints(fingerprint_, *now))
    outcome.leftovers.push_back(std::move(difference));
  return outcome;
}

void Agent::shut_down() {
  if (down_ || !faults_) return;
  down_ = true;
  const HealOutcome outcome = heal();
  for (const std::string& left : outcome.leftovers) log::error("left behind: {}", left);
  guardian_->quit();
  // With leftovers the state stays, for a heal.
  if (!outcome.leftovers.empty()) return;
  if (auto forgotten = state_.forget(); !forgotten) log::error("{}", forgotten.error().message);
}

}  // namespace fracas::agent
