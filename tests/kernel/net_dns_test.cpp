// net.dns against a real resolver: c library's own, in processes of the victim host, asking a server on the other one.
#include <arpa/nameser.h>
#include <fcntl.h>
#include <netdb.h>
#include <resolv.h>
#include <sys/wait.h>

#include <atomic>
#include <functional>

#include "controller/world/lab_names.h"
#include "tests/kernel/net_pair.h"
#include "tests/kernel/sockets_dialer.h"

using namespace fracas;
using namespace fracas::test;
using fracas::agent::DnsAnswer;
using fracas::agent::NetDns;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

constexpr const char* kReal = "10.1.2.3";

// What a process learns when it asks for a name.
struct Learnt {
  enum class What : int { address, no_data, no_name, server_failure, nothing, reset };
  What what = What::nothing;
  char address[INET6_ADDRSTRLEN] = {};
};

// A DNS server on host b that knows every name there is, over UDP; over TCP too.
class Server {
 public:
  explicit Server(const NetPair& pair) : udp_(open_socket(pair.b, AF_INET6, SOCK_DGRAM)), tcp_(listen_tcp(pair)) {
    const Address any = address("::", 53);
    REQUIRE(::bind(udp_.get(), any.get(), any.size) == 0);
    receive_at_most(udp_, milliseconds(20));
    receive_at_most(tcp_, milliseconds(20));
    udp_thread_ = std::jthread([this](const std::stop_token& stop) { serve_udp(stop); });
    tcp_thread_ = std::jthread([this](const std::stop_token& stop) { serve_tcp(stop); });
  }
  int asked() const { return asked_; }

 private:
  static os::UniqueFd listen_tcp(const NetPair& pair) {
    os::UniqueFd socket = open_socket(pair.b, AF_INET6, SOCK_STREAM);
    const Address any = address("::", 53);
    REQUIRE(::bind(socket.get(), any.get(), any.size) == 0);
    REQUIRE(::listen(socket.get(), 8) == 0);
    return socket;
  }
  std::vector<std::byte> answer(std::span<const std::byte> query) {
    ++asked_;
    std::string name;
    for (std::size_t i = 12; i < query.size() && query[i] != std::byte{0};) {
      const auto bytes = std::to_integer<std::size_t>(query[i]);
      if (!name.empty()) name += '.';
      for (std::size_t j = 1; j <= bytes && i + j < query.size(); ++j)
        name += static_cast<char>(std::tolower(std::to_integer<int>(query[i + j])));
      i += bytes + 1;
    }
    const fracas::controller::HostNames names{{name, {.ipv4 = kReal, .ipv6 = "fd01::3"}}};
    return fracas::controller::answer_query(query, names).value_or(std::vector<std::byte>());
  }
  void serve_udp(const std::stop_token& stop) {
    std::array<std::byte, 1024> room{};
    while (!stop.stop_requested()) {
      Address from;
      from.size = sizeof from.storage;
      const auto got =
          ::recvfrom(udp_.get(), room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&from.storage), &from.size);
      if (got <= 0) continue;
      const auto reply = answer(std::span(room).first(static_cast<std::size_t>(got)));
      ::sendto(udp_.get(), reply.data(), reply.size(), 0, from.get(), from.size);
    }
  }
  void serve_tcp(const std::stop_token& stop) {
    std::array<std::byte, 1024> room{};
    while (!stop.stop_requested()) {
      const os::UniqueFd client(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) continue;
      receive_at_most(client, milliseconds(500));
      const auto got = ::recv(client.get(), room.data(), room.size(), 0);
      if (got <= 2) continue;
      auto reply = answer(std::span(room).subspan(2, static_cast<std::size_t>(got) - 2));
      reply.insert(reply.begin(), {static_cast<std::byte>(reply.size() >> 8), static_cast<std::byte>(reply.size())});
      ::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }

  std::atomic<int> asked_ = 0;
  os::UniqueFd udp_;
  os::UniqueFd tcp_;
  std::jthread udp_thread_;
  std::jthread tcp_thread_;
};

struct Question {
  const char* name;
  int type = ns_t_a;
  bool tcp = false;
  bool ipv6 = false;  // how the server is reached
  bool edns = false;
};

void set_server(struct __res_state& state, bool ipv6) {
  static sockaddr_in6 server6{};
  state.nscount = 1;
  state.nsaddr_list[0].sin_family = AF_INET;
  state.nsaddr_list[0].sin_port = htons(53);
  ::inet_pton(AF_INET, "10.77.0.2", &state.nsaddr_list[0].sin_addr);
  if (!ipv6) return;
  server6.sin6_family = AF_INET6;
  server6.sin6_port = htons(53);
  ::inet_pton(AF_INET6, "fd77::2", &server6.sin6_addr);
  state.nsaddr_list[0].sin_family = 0;
  state._u._ext.nsaddrs[0] = &server6;
  state._u._ext.nscount = 1;
}

Learnt look_up(const Question& question) {
  struct __res_state state {};
  if (res_ninit(&state) != 0) return {};
  set_server(state, question.ipv6);
  state.retrans = 1;
  state.retry = 1;
  state.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  if (question.tcp) state.options |= RES_USEVC;
  if (question.edns) state.options |= RES_USE_EDNS0;
  unsigned char reply[1024];
  Learnt learnt;
  errno = 0;
  const std::int64_t start = os::boot_now_ns();
  const int bytes = res_nquery(&state, question.name, ns_c_in, question.type, reply, sizeof reply);
  if (bytes < 0) {
    const int error = state.res_h_errno;
    const bool waited = os::boot_now_ns() - start > 800 * kMs;
    learnt.what = error == HOST_NOT_FOUND ? Learnt::What::no_name
                  : error == NO_DATA      ? Learnt::What::no_data
                  : waited                ? Learnt::What::nothing
                  : question.tcp          ? Learnt::What::reset
                                          : Learnt::What::server_failure;
    return learnt;
  }
  ns_msg message;
  ns_rr record;
  if (ns_initparse(reply, bytes, &message) != 0 || ns_parserr(&message, ns_s_an, 0, &record) != 0) return learnt;
  learnt.what = Learnt::What::address;
  ::inet_ntop(ns_rr_type(record) == ns_t_aaaa ? AF_INET6 : AF_INET, ns_rr_rdata(record), learnt.address,
              sizeof learnt.address);
  return learnt;
}

// In a process of its own on host a, in `cgroup` if there is one.
Learnt ask(const NetPair& pair, const Question& question, const os::Cgroup* cgroup = nullptr) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  int go[2];
  REQUIRE(::pipe2(go, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char byte = 0;
    if (!pair.a.enter() || ::read(go[0], &byte, 1) != 1) ::_exit(1);
    const Learnt learnt = look_up(question);
    ::_exit(::write(ends[1], &learnt, sizeof learnt) == sizeof learnt ? 0 : 1);
  }
  if (cgroup != nullptr) REQUIRE(cgroup->add(child));
  Learnt learnt;
  REQUIRE(::write(go[1], "g", 1) == 1);
  REQUIRE(::read(ends[0], &learnt, sizeof learnt) == sizeof learnt);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  for (const int fd : {ends[0], ends[1], go[0], go[1]}) ::close(fd);
  return learnt;
}

NetRule dns_rule(NetDns dns) {
  return {.kind = "net.dns", .to = {"0.0.0.0/0", "::/0"}, .ports = {"53"}, .dns = std::move(dns)};
}

struct Scene {
  NetPair pair = make_pair();
  Server server{pair};
  UdpFlow neighbours = udp_flow(pair.a, pair.b, "fd77::2", 9);  // they know each other now
  std::unique_ptr<agent::NetPlane> plane = open_plane(pair.a);

  std::unique_ptr<agent::Effect> arm(const NetRule& rule) {
    auto effect = prepare(*plane, rule);
    arm_now(*plane, *effect);
    return effect;
  }
};

}  // namespace

TEST_CASE("net.dns: a name does not exist, or its server fails, for as long as the window lasts", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  Scene scene;
  REQUIRE(ask(scene.pair, {"db.example.com"}).address == std::string(kReal));
  for (const bool ipv6 : {false, true}) {
    for (const bool edns : {false, true}) {
      CAPTURE(ipv6, edns);
      auto none = scene.arm(dns_rule({.answer = DnsAnswer::nxdomain, .names = {"db.example.com"}}));
      const int asked = scene.server.asked();
      CHECK(ask(scene.pair, {.name = "db.example.com", .ipv6 = ipv6, .edns = edns}).what == Learnt::What::no_name);
      CHECK(ask(scene.pair, {.name = "DB.Example.Com", .ipv6 = ipv6, .edns = edns}).what == Learnt::What::no_name);
      CHECK(scene.server.asked() == asked);  // it was answered before it left
      CHECK(none->counters().matched == 2);
      CHECK(none->counters().affected == 2);
      CHECK(ask(scene.pair, {.name = "b.example.com", .ipv6 = ipv6, .edns = edns}).what == Learnt::What::address);
      REQUIRE(none->revert());
      auto fails = scene.arm(dns_rule({.answer = DnsAnswer::servfail, .names = {"db.example.com"}}));
      CHECK(ask(scene.pair, {.name = "db.example.com", .ipv6 = ipv6, .edns = edns}).what ==
            Learnt::What::server_failure);
      REQUIRE(fails->revert());
      CHECK(ask(scene.pair, {.name = "db.example.com", .ipv6 = ipv6, .edns = edns}).what == Learnt::What::address);
    }
  }
}

TEST_CASE("net.dns: a wrong address, by its type, and none of the type that is not given", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  Scene scene;
  auto effect = scene.arm(dns_rule({.answer = DnsAnswer::address, .names = {"*.example.com"}, .ipv4 = "192.0.2.7"}));
  CHECK(ask(scene.pair, {"db.example.com"}).address == std::string("192.0.2.7"));
  CHECK(ask(scene.pair, {.name = "db.example.com", .ipv6 = true, .edns = true}).address == std::string("192.0.2.7"));
  CHECK(ask(scene.pair, {.name = "db.example.com", .type = ns_t_aaaa}).what == Learnt::What::no_data);
  const int asked = scene.server.asked();
  CHECK(ask(scene.pair, {.name = "db.example.com", .type = ns_t_mx}).what == Learnt::What::no_data);
  CHECK(scene.server.asked() == asked + 1);  // that was the server's own answer
  REQUIRE(effect->revert());
  effect = scene.arm(dns_rule({.answer = DnsAnswer::address, .names = {"*"}, .ipv6 = "fd66::7"}));
  CHECK(ask(scene.pair, {.name = "x.org", .type = ns_t_aaaa}).address == std::string("fd66::7"));
  CHECK(ask(scene.pair, {.name = "x.org", .type = ns_t_aaaa, .ipv6 = true}).address == std::string("fd66::7"));
}

TEST_CASE("net.dns: names below a suffix, not the suffix itself, and not what only ends alike", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  Scene scene;
  auto below = scene.arm(dns_rule({.answer = DnsAnswer::nxdomain, .names = {"*.example.com"}}));
  auto exact = scene.arm(dns_rule({.answer = DnsAnswer::servfail, .names = {"example.com"}}));
  CHECK(ask(scene.pair, {"a.b.example.com"}).what == Learnt::What::no_name);
  CHECK(ask(scene.pair, {"example.com"}).what == Learnt::What::server_failure);
  CHECK(ask(scene.pair, {"notexample.com"}).what == Learnt::What::address);
  CHECK(ask(scene.pair, {"example.org"}).what == Learnt::What::address);
  CHECK(below->counters().affected == 1);
  CHECK(exact->counters().affected >= 1);
}

TEST_CASE("net.dns: a query gets no answer, and over TCP a reset", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  Scene scene;
  CHECK(ask(scene.pair, {.name = "a.org", .tcp = true}).address == std::string(kReal));
  auto silent = scene.arm(dns_rule({.answer = DnsAnswer::silence, .names = {"a.org"}}));
  const int asked = scene.server.asked();
  CHECK(ask(scene.pair, {"a.org"}).what == Learnt::What::nothing);
  CHECK(scene.server.asked() == asked);
  REQUIRE(silent->revert());
  auto none = scene.arm(dns_rule({.answer = DnsAnswer::nxdomain, .names = {"a.org"}}));
  for (const bool ipv6 : {false, true}) {
    CHECK(ask(scene.pair, {.name = "a.org", .tcp = true, .ipv6 = ipv6}).what == Learnt::What::reset);
    CHECK(ask(scene.pair, {.name = "b.org", .tcp = true, .ipv6 = ipv6}).address == std::string(kReal));
  }
}

TEST_CASE("net.dns: the queries of one cgroup alone, and of those below it", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  Scene scene;
  const TestCgroup owner("dns");
  const os::Cgroup victim = os::Cgroup::open(owner.path().filename().string()).value();
  NetRule rule = dns_rule({.answer = DnsAnswer::nxdomain, .names = {"*"}});
  rule.cgroups = {victim.path().string()};
  auto effect = scene.arm(rule);
  CHECK(ask(scene.pair, {"a.org"}).what == Learnt::What::address);
  CHECK(ask(scene.pair, {"a.org"}, &victim).what == Learnt::What::no_name);
  {
    const auto below = os::Cgroup::create(victim.path().filename().string() + "/below");
    REQUIRE(below);
    CHECK(ask(scene.pair, {"a.org"}, &*below).what == Learnt::What::no_name);
  }
  CHECK(effect->counters().matched == 2);
  CHECK(effect->counters().affected == 2);
}
