#include "controller/world/fleet.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "controller/pki/pki_folder.h"
#include "controller/world/agent_client.h"
#include "controller/world/at_once.h"
#include "lib/base/ensure.h"
#include "lib/base/text.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/pki/digest.h"
#include "lib/pki/revocations.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

// "10.0.0.1" of "10.0.0.1:7600", "fd00::1" of "[fd00::1]:7600".
std::string host_part(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

// Where packets to a host go: its first address of each family.
Status find_addresses(const std::string& node, Host& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(node.c_str(), nullptr, &hints, &found); error != 0)
    return failure(fmt::format("host {}: {}: {}", host.name, node, ::gai_strerror(error)), ENOENT);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    std::string& family = each->ai_family == AF_INET ? host.ipv4 : host.ipv6;
    if (family.empty()) family = text.data();
  }
  return {};
}

Result<Host> host_of(const model::FleetHost& listed, const fs::path& run_directory) {
  Host host{.name = listed.name(), .ipv4 = {}, .ipv6 = {}, .spare = false, .data = {}, .files = {}};
  host.files = fs::absolute(run_directory) / "nodes" / host.name;
  if (auto known = find_addresses(listed.node().empty() ? host_part(listed.address()) : listed.node(), host); !known)
    return failure(std::move(known).error());
  std::error_code failed;
  fs::create_directories(host.files, failed);
  if (failed) return system_failure("create " + host.files.string(), failed.value());
  return host;
}

// Longer than the lease that faults have by default: a run that was killed has the agent until its lease is over.
constexpr std::int64_t kOtherRunMax_ns = 6'000'000'000;
constexpr Duration kAgain = std::chrono::milliseconds(100);
constexpr unsigned kRunNameBytes = 8;
constexpr Duration kFirstLease = std::chrono::seconds(1);  // until the run renews its own

// From now on this run has the agent.
Status take_agent(AgentClient& agent) {
  const std::int64_t patience_ns = os::boot_now_ns() + kOtherRunMax_ns;
  for (;;) {
    const auto taken = agent.renew(kFirstLease);
    if (taken) return {};
    if (taken.error().code != EBUSY || os::boot_now_ns() > patience_ns) return failure(taken.error());
    std::this_thread::sleep_for(kAgain);
  }
}

// An agent that can be used by this run alone.
Status ask_agent(AgentClient& agent) {
  auto hello = agent.hello();
  // Many handshakes at once take their time; whoever did not get through has another try.
  if (!hello && (hello.error().code == ECONNREFUSED || hello.error().code == ETIMEDOUT)) hello = agent.hello();
  if (!hello) return failure(hello.error());
  if (hello->drained)
    return failure(fmt::format("agent {} is drained: fracas agent drain --back takes it back", hello->name));
  if (hello->faults > 0)
    return failure(fmt::format("agent {} holds {} of another run", hello->name, counted(hello->faults, "fault")));
  return take_agent(agent);
}

}  // namespace

struct FleetAgents::Inside {
  Credentials credentials;
  std::unique_ptr<pki::PeerCheck> peers;
  std::vector<AgentClient> agents;
};

FleetAgents::FleetAgents(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
FleetAgents::FleetAgents(FleetAgents&&) noexcept = default;
FleetAgents& FleetAgents::operator=(FleetAgents&&) noexcept = default;
FleetAgents::~FleetAgents() = default;

Result<FleetAgents> FleetAgents::connect(const std::vector<model::FleetHost>& hosts, fs::path credentials,
                                         const std::string& run) {
  if (credentials.empty()) credentials = PkiFolder::default_folder();
  auto inside = std::make_unique<Inside>();
  auto own = load_credentials(credentials);
  if (!own) return failure(std::move(own).error());
  inside->credentials = *std::move(own);
  inside->peers = std::make_unique<pki::PeerCheck>(credentials / "revoked.pem", inside->credentials.ca);
  for (const model::FleetHost& host : hosts)
    inside->agents.emplace_back(
        AgentAddress{.name = host.name(), .target = host.address(), .certificate = host.certificate(), .run = run},
        inside->credentials, std::chrono::seconds(5), inside->peers.get());
  return FleetAgents(std::move(inside));
}

std::vector<AgentClient>& FleetAgents::agents() {
  return inside_->agents;
}

struct Fleet::Parts {
  explicit Parts(FleetAgents connected) : agents(std::move(connected)) {}

  std::vector<Host> hosts{};
  FleetAgents agents;
  std::map<std::string, std::size_t, std::less<>> places{};  // of a name in `hosts` and among the agents
  bool torn_down = false;
  std::mutex mutex{};
  std::set<std::size_t> lost{};  // guarded by the mutex

  bool is_lost(std::size_t place) {
    const std::scoped_lock lock(mutex);
    return lost.contains(place);
  }
};

Fleet::Fleet(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < parts_->hosts.size(); ++i) parts_->places[parts_->hosts[i].name] = i;
}

Fleet::~Fleet() {
  static_cast<void>(tear_down());
}

Result<std::unique_ptr<Fleet>> Fleet::join(const model::World& world, const fs::path& run_directory) {
  std::vector<model::FleetHost> listed(world.host().begin(), world.host().end());
  auto agents = FleetAgents::connect(listed, world.credentials(), pki::random_hex(kRunNameBytes));
  if (!agents) return failure(std::move(agents).error());
  std::vector<Host> hosts(listed.size());
  std::vector<Status> outcomes(listed.size());
  at_once(listed.size(), [&](std::size_t i) {
    auto host = host_of(listed[i], run_directory);
    outcomes[i] = host ? ask_agent(agents->agents()[i]) : failure(std::move(host).error());
    if (host) hosts[i] = *std::move(host);
  });
  for (Status& outcome : outcomes)
    if (!outcome) return failure(std::move(outcome).error());
  auto parts = std::make_unique<Parts>(std::move(*agents));
  parts->hosts = std::move(hosts);
  return std::make_unique<Fleet>(std::move(parts));
}

const std::vector<Host>& Fleet::hosts() const {
  return parts_->hosts;
}

AgentClient& Fleet::agent(std::string_view host) {
  const auto found = parts_->places.find(host);
  ensure(found != parts_->places.end(), "agent() is asked for a host of this fleet");
  return parts_->agents.agents()[found->second];
}

void Fleet::lose(std::string_view host) {
  const auto found = parts_->places.find(host);
  ensure(found != parts_->places.end(), "lose() is told a host of this fleet");
  const std::scoped_lock lock(parts_->mutex);
  parts_->lost.insert(found->second);
}

std::vector<std::string> Fleet::leftovers() const {
  std::vector<AgentClient>& agents = parts_->agents.agents();
  std::vector<std::string> found(agents.size());
  at_once(agents.size(), [&](std::size_t i) {
    if (parts_->is_lost(i)) return;
    const auto hello = agents[i].hello(1);
    if (!hello) found[i] = hello.error().message;
    if (hello && hello->faults > 0) found[i] = fmt::format("agent {} holds {} faults", agents[i].name(), hello->faults);
  });
  std::erase(found, std::string());
  return found;
}

std::vector<std::string> Fleet::tear_down() {
  if (parts_->torn_down) return {};
  std::vector<AgentClient>& agents = parts_->agents.agents();
  at_once(agents.size(), [&](std::size_t i) {
    if (parts_->is_lost(i)) return;
    static_cast<void>(agents[i].leave());  // what stays in spite of it is a leftover
  });
  auto left = leftovers();
  parts_->torn_down = left.empty();
  return left;
}

}  // namespace fracas::controller
