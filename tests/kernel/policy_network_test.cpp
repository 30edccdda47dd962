// What network faults leave alone, through the real agent: the control channel, ssh, and what the policy protects.
#include <poll.h>
#include <sys/un.h>

#include <array>
#include <thread>

#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/net_pair.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

constexpr std::uint16_t kAgentPort = 7600;
constexpr std::uint16_t kPlainPort = 8080;

// The neighbour's controller: who connects to the socket file is connected from the neighbour with the agent's port.
class Door {
 public:
  Door(const os::NetNamespace& neighbour, const std::filesystem::path& file, const std::string& agent)
      : neighbour_(neighbour), agent_(address(agent, kAgentPort)), listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    file.string().copy(name.sun_path, sizeof name.sun_path - 1);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
    REQUIRE(::listen(listener_.get(), 64) == 0);
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
  }

 private:
  void keep(const std::stop_token& stop) {
    std::vector<std::jthread> carriers;
    while (!stop.stop_requested()) {
      pollfd waiting{.fd = listener_.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 50) != 1) continue;
      carriers.emplace_back([this, inner = ::accept(listener_.get(), nullptr, nullptr)](const std::stop_token& end) {
        const os::UniqueFd client(inner);
        const os::UniqueFd outer = connect_from_neighbour();
        while (outer && !end.stop_requested() && carry(client, outer)) {
        }
      });
    }
  }

  os::UniqueFd connect_from_neighbour() const {
    os::UniqueFd outer;
    static_cast<void>(neighbour_.run([&]() -> Status {
      outer.reset(::socket(agent_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      return {};
    }));
    if (::connect(outer.get(), agent_.get(), agent_.size) != 0) outer.reset();
    return outer;
  }

  // False once one of them has hung up.
  static bool carry(const os::UniqueFd& client, const os::UniqueFd& agent) {
    std::array<pollfd, 2> waiting{{{client.get(), POLLIN, 0}, {agent.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), 50) <= 0) return true;
    std::array<char, 65536> bytes{};
    for (std::size_t i = 0; i < 2; ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t got = ::recv(waiting[i].fd, bytes.data(), bytes.size(), 0);
      if (got <= 0) return false;
      if (::send(waiting[1 - i].fd, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) return false;
    }
    return true;
  }

  const os::NetNamespace& neighbour_;
  Address agent_;
  os::UniqueFd listener_;
  std::jthread keeper_;
};

model::Injection on_all_packets() {
  model::Injection injection;
  for (const char* all : {"0.0.0.0/0", "::/0"}) {
    injection.mutable_scope()->add_from(all);
    injection.mutable_scope()->add_to(all);
  }
  return injection;
}
model::Injection cutting_all() {
  auto injection = on_all_packets();
  injection.mutable_net_partition();
  return injection;
}

std::string write_policy(const AgentFixture& fixture, const std::string& text) {
  const auto path = fixture.folder() / "policy.toml";
  std::ofstream(path) << text;
  return path.string();
}

}  // namespace

TEST_CASE("control channel: over the very interface that is cut off completely, agent and ssh are reached",
          "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  for (const std::string agent : {"10.77.0.1", "fd77::1"}) {
    CAPTURE(agent);
    AgentFixture fixture;
    const os::NetNamespace neighbour = join_neighbour(fixture.netns());
    fixture.listen_on(agent == "fd77::1" ? "[fd77::1]:7600" : "10.77.0.1:7600");
    fixture.start();
    const Door door(neighbour, fixture.socket(), agent);
    auto other = udp_flow(neighbour, fixture.netns(), agent, kPlainPort);
    const auto ssh = tcp_flow(neighbour, fixture.netns(), agent, 22);
    auto delay = on_all_packets();
    *delay.mutable_net_delay()->mutable_delay() = model::to_proto(30s);
    fixture.inject("cut", cutting_all(), 60s, 60s);
    fixture.inject("late", delay, 60s, 60s);
    CHECK(eventually(2s, [&] { return !arrives(other); }));

    CHECK(tcp_carries(ssh, 1s));
    CHECK(tcp_carries(tcp_flow(neighbour, fixture.netns(), agent, 22), 1s));  // a new one
    auto controller = fixture.client();
    CHECK(controller.hello());
    const auto counters = controller.renew(60s);
    REQUIRE(counters);
    CHECK(counters->size() == 2);
    const auto healed = controller.heal();
    INFO((healed ? "" : healed.error().message));
    REQUIRE(healed);
    CHECK(healed->reverted.size() == 2);
    CHECK(healed->leftovers.empty());
    CHECK(arrives(other));
  }
}

TEST_CASE("control channel: a fault that names its port, or that of ssh, is refused", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  const os::NetNamespace neighbour = join_neighbour(fixture.netns());
  fixture.listen_on("10.77.0.1:7600");
  fixture.start();
  const Door door(neighbour, fixture.socket(), "10.77.0.1");
  for (const auto& [ports, whose] : {std::pair{"7000-8000", "port 7600 of this agent"}, {"22", "port 22 of ssh"}}) {
    auto injection = cutting_all();
    injection.mutable_net_partition()->mutable_flows()->add_ports(ports);
    const auto refused = fixture.client().prepare("cut", injection, 1s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(whose) != std::string::npos);
  }
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("policy: protected ports pass under a fault on all, and are refused by name", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  const os::NetNamespace neighbour = join_neighbour(fixture.netns());
  fixture.start({"--policy", write_policy(fixture, "[protect]\nports = [\"9000-9100\"]\n")});
  auto spared = udp_flow(neighbour, fixture.netns(), "10.77.0.1", 9050);
  auto other = udp_flow(neighbour, fixture.netns(), "10.77.0.1", kPlainPort);
  auto named = cutting_all();
  named.mutable_net_partition()->mutable_flows()->add_ports("9100-9200");
  const auto refused = fixture.client().prepare("named", named, 1s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("protected port 9000-9100 (protect.ports in ") != std::string::npos);
  fixture.inject("cut", cutting_all(), 60s, 60s);
  CHECK(eventually(2s, [&] { return !arrives(other); }));
  CHECK(arrives(spared));
}

TEST_CASE("policy: a protected interface is left out, and with all of them protected nothing is cut",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  for (const bool all : {false, true}) {
    CAPTURE(all);
    AgentFixture fixture;
    const os::NetNamespace neighbour = join_neighbour(fixture.netns());
    auto socket = os::RouteSocket::open_in(fixture.netns());
    REQUIRE(socket);
    REQUIRE(socket->create_veth({"wa", nullptr}, {"wb", &neighbour}));
    REQUIRE(socket->add_address("wa", "10.78.0.1/24"));
    REQUIRE(socket->set_up("wa"));
    auto there = os::RouteSocket::open_in(neighbour);
    REQUIRE(there);
    REQUIRE(there->add_address("wb", "10.78.0.2/24"));
    REQUIRE(there->set_up("wb"));
    const std::string names = all ? "\"*\"" : "\"w*\"";
    fixture.start({"--policy", write_policy(fixture, "[protect]\ninterfaces = [" + names + "]\n")});
    auto spared = udp_flow(neighbour, fixture.netns(), "10.78.0.1", kPlainPort);
    auto other = udp_flow(neighbour, fixture.netns(), "10.77.0.1", kPlainPort);
    if (all) {
      const auto refused = fixture.client().prepare("cut", cutting_all(), 1s);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().message.find("all interfaces are protected") != std::string::npos);
      continue;
    }
    fixture.inject("cut", cutting_all(), 60s, 60s);
    CHECK(eventually(2s, [&] { return !arrives(other); }));
    CHECK(arrives(spared));
  }
}
