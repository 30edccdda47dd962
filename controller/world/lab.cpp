#include "controller/world/lab.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

#include "controller/world/lab_lock.h"
#include "controller/world/lab_parts.h"
#include "lib/base/ensure.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr int kIdAttempts = 5;

Result<std::string> draw_id() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return system_failure("draw a lab id");
  return fmt::format("{:08x}", number);
}

struct Claim {
  LabPlan plan;
  LabLock lock;
};

// An id that nobody uses, with its lock.
Result<Claim> claim_lab(const LabOptions& options, const std::filesystem::path& state) {
  for (int attempt = 0; attempt < kIdAttempts; ++attempt) {
    const auto id = draw_id();
    if (!id) return failure(id.error());
    auto plan = plan_lab({.nodes = options.nodes, .spares = options.spares}, *id, state);
    if (!plan) return failure(std::move(plan).error());
    std::error_code failed;
    std::filesystem::create_directories(labs_folder(state), failed);
    if (failed) return system_failure("create " + labs_folder(state).string(), failed.value());
    auto lock = LabLock::try_take(state, *id);
    if (!lock) return failure(std::move(lock).error());
    if (*lock && !std::filesystem::exists(plan->directory, failed)) return Claim{*std::move(plan), **std::move(lock)};
  }
  return failure("every lab id drawn is in use");
}

}  // namespace

std::filesystem::path lab_state_root() {
  const char* chosen = std::getenv("FRACAS_STATE");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/run/fracas";
}

std::string Lab::resolver() const {
  return resolver_endpoint(parts_->plan);
}

Lab::Lab(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Lab>> Lab::create(const LabOptions& options) {
  auto parts = std::make_unique<Parts>();
  parts->state = std::filesystem::absolute(options.state.empty() ? lab_state_root() : options.state);
  parts->agent_program = options.agent_program.empty() ? os::own_folder() / "fracas-agent" : options.agent_program;
  auto claim = claim_lab(options, parts->state);
  if (!claim) return failure(std::move(claim).error().context("lab"));
  std::optional<LabLock> lock = std::move(claim->lock);
  parts->plan = std::move(claim->plan);
  const std::filesystem::path files = std::filesystem::absolute(options.run_directory) / "nodes";
  for (const LabHostPlan& host : parts->plan.hosts)
    parts->hosts.push_back({.name = host.name,
                            .ipv4 = host.address.ipv4,
                            .ipv6 = host.address.ipv6,
                            .spare = host.spare,
                            .data = host.data,
                            .files = files / host.name});
  auto lab = std::make_unique<Lab>(std::move(parts));
  auto made = make_lab(*lab->parts_);
  lock.reset();
  if (made) return lab;
  Error error = std::move(made).error().context("lab " + lab->id());
  for (const std::string& left : lab->tear_down()) error.message += "\n  left behind: " + left;
  return failure(std::move(error));
}

Lab::~Lab() {
  static_cast<void>(tear_down());
}

const std::string& Lab::id() const {
  return parts_->plan.id;
}

const std::vector<Host>& Lab::hosts() const {
  return parts_->hosts;
}

AgentClient& Lab::agent(std::string_view host) {
  const auto found = std::ranges::find(parts_->clients, host, &AgentClient::name);
  ensure(found != parts_->clients.end(), "agent() is asked for a host of this lab");
  return *found;
}

Status Lab::join_clients() const {
  if (!parts_->network) return failure("lab " + id() + ": its network is gone");
  return parts_->network->clients.enter();
}

Status Lab::join_host(std::string_view host) const {
  if (!parts_->network) return failure("lab " + id() + ": its network is gone");
  const auto found = std::ranges::find(parts_->hosts, host, &Host::name);
  if (found == parts_->hosts.end()) return World::join_host(host);
  return parts_->network->hosts[static_cast<std::size_t>(found - parts_->hosts.begin())].enter();
}

std::vector<std::string> Lab::leftovers() const {
  return lab_leftovers(*parts_);
}

std::vector<std::string> Lab::tear_down() {
  if (!parts_->torn_down) {
    auto left = remove_lab(*parts_);
    parts_->torn_down = left.empty();
    return left;
  }
  return leftovers();
}

}  // namespace fracas::controller
