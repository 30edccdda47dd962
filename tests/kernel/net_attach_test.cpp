#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "agent/faults/net_fault.h"
#include "tests/kernel/net_pair.h"
#include "tests/kernel/patience.h"

using namespace fracas::test;
using fracas::Status;
using fracas::agent::NetPlane;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

const NetRule kCut{.kind = "net.partition", .from = {"10.77.0.2"}, .to = {"10.77.0.2"}, .loss = 1};

// What an unchanged host lists the same again.
struct Listing {
  std::size_t links = 0;
  std::vector<fracas::os::QdiscInfo> qdiscs;
  std::vector<fracas::os::FilterInfo> filters;
  std::vector<std::string> leftovers;
  bool operator==(const Listing&) const = default;
};

Listing list(const fracas::os::NetNamespace& netns) {
  Listing listing;
  auto socket = fracas::os::RouteSocket::open_in(netns);
  REQUIRE(socket);
  auto links = socket->links();
  REQUIRE(links);
  listing.links = links->size();
  listing.qdiscs = *socket->qdiscs();
  for (const auto& link : *links) {
    const auto filters = socket->filters(link.index);
    REQUIRE(filters);
    listing.filters.insert(listing.filters.end(), filters->begin(), filters->end());
  }
  REQUIRE(netns.run([&]() -> Status {
    listing.leftovers = fracas::agent::find_net_leftovers();
    return {};
  }));
  return listing;
}

std::unique_ptr<NetPlane> open_filters(const fracas::os::NetNamespace& netns) {
  std::unique_ptr<NetPlane> plane;
  REQUIRE(netns.run([&]() -> Status {
    auto opened = NetPlane::open({}, {.tcx = false});
    if (!opened) return failure(std::move(opened).error());
    plane = std::move(*opened);
    return {};
  }));
  return plane;
}

// A user's own filter that lets everything pass, first in line.
void attach_foreign_filter(const fracas::os::NetNamespace& netns, int ifindex) {
  const bpf_insn program[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                              {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};  // TC_ACT_OK
  const fracas::os::UniqueFd fd(
      ::bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "foreign", "GPL", program, std::size(program), nullptr));
  REQUIRE(fd);
  REQUIRE(netns.run([&]() -> Status {
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = ifindex;
    hook.attach_point = BPF_TC_EGRESS;
    bpf_tc_hook_create(&hook);
    bpf_tc_opts options{};
    options.sz = sizeof options;
    options.handle = 1;
    options.priority = 1;
    options.prog_fd = fd.get();
    if (const int error = bpf_tc_attach(&hook, &options); error != 0) return fracas::system_failure("attach", -error);
    return {};
  }));
}

int index_of(const fracas::os::NetNamespace& netns, const char* link) {
  return fracas::os::RouteSocket::open_in(netns)->link(link)->index;
}

// Runs a plane with an armed partition in a child process and SIGKILLs it. With `keep`, another child holds copies of
// the plane's descriptors meanwhile; its pid is returned, else 0.
pid_t arm_and_die(const NetPair& pair, bool tcx, bool keep, std::int64_t end_ns, std::int64_t lease_end_ns) {
  int report[2];
  REQUIRE(::pipe(report) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    pid_t keeper = -1;
    if (pair.a.enter()) {
      auto plane = NetPlane::open({}, {.tcx = tcx});
      auto effect = (*plane)->prepare(kCut);
      (*plane)->renew(lease_end_ns);
      if (effect && (*effect)->arm({1, end_ns})) {
        keeper = 0;
        if (keep) keeper = ::fork();
        if (keep && keeper == 0) {  // everything but the copies is closed
          const auto kept = (*plane)->keep_alive_fds();
          for (int fd = 3; fd < 256; ++fd)
            if (std::find(kept.begin(), kept.end(), fd) == kept.end()) ::close(fd);
          for (;;) ::pause();
        }
        static_cast<void>(::write(report[1], &keeper, sizeof keeper));
        for (;;) ::pause();
      }
    }
    static_cast<void>(::write(report[1], &keeper, sizeof keeper));
    ::_exit(1);
  }
  pid_t keeper = -1;
  REQUIRE(::read(report[0], &keeper, sizeof keeper) == sizeof keeper);
  REQUIRE(keeper >= 0);
  ::close(report[0]);
  ::close(report[1]);
  REQUIRE(::kill(child, SIGKILL) == 0);
  ::waitpid(child, nullptr, 0);
  return keeper;
}

}  // namespace

TEST_CASE("network data plane: leaves links, qdiscs and filters as they were", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Listing before = list(pair.a);
  for (const bool tcx : {true, false}) {
    auto plane = tcx ? open_plane(pair.a) : open_filters(pair.a);
    auto cut = prepare(*plane, kCut);
    auto slow = prepare(*plane, {.kind = "net.delay", .to = {"10.77.0.0/24"}, .delay = milliseconds(5)});
    arm_now(*plane, *cut);
    arm_now(*plane, *slow);
    CHECK_FALSE(list(pair.a) == before);
    REQUIRE(cut->revert());
    REQUIRE(slow->revert());
    cut.reset();
    slow.reset();
    plane.reset();
    CHECK(list(pair.a) == before);
  }
}

TEST_CASE("network data plane: by cls_bpf it drops in silence and delays as well", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_filters(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto back = udp_flow(pair.b, pair.a, "10.77.0.1", 4001);
  auto cut = prepare(*plane, kCut);
  CHECK(cut->mechanism() == "cls_bpf");
  arm_now(*plane, *cut);
  flow.send(20);
  back.send(20);
  CHECK(flow.receive_all().empty());
  CHECK(back.receive_all().empty());
  CHECK(flow.send_errors == 0);
  CHECK(cut->counters().affected >= 40);
  REQUIRE(cut->revert());
  auto slow = prepare(*plane, {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(20)});
  arm_now(*plane, *slow);
  flow.send(20);
  const auto arrived = flow.receive_all(milliseconds(200));
  REQUIRE(arrived.size() == 20);
  for (const auto& packet : arrived) CHECK(packet.received_ns - packet.sent_ns >= 20 * kMs);
}

TEST_CASE("network data plane: a user's clsact filter stays, and hides nothing from ours", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  attach_foreign_filter(pair.a, index_of(pair.a, "va"));
  const Listing before = list(pair.a);
  REQUIRE(before.filters.size() == 1);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  for (const bool tcx : {true, false}) {
    auto plane = tcx ? open_plane(pair.a) : open_filters(pair.a);
    auto cut = prepare(*plane, kCut);
    arm_now(*plane, *cut);
    flow.send(10);
    CHECK(flow.receive_all().empty());
    cut.reset();
    plane.reset();
    CHECK(list(pair.a) == before);
  }
  static_cast<void>(arm_and_die(pair, false, false, kForever, kForever));
  CHECK(list(pair.a).filters.size() == 3);
  REQUIRE(pair.a.run(fracas::agent::remove_net_leftovers));
  CHECK(list(pair.a) == before);
}

TEST_CASE("network data plane: with the agent killed, kept descriptors keep drops going until the window ends",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  for (const bool by_lease : {false, true}) {
    const std::int64_t end_ns = fracas::os::boot_now_ns() + 2500 * kMs * fracas::test::slowness();
    const pid_t keeper = arm_and_die(pair, true, true, by_lease ? kForever : end_ns, by_lease ? end_ns : kForever);
    flow.send(5);
    CHECK(flow.receive_all().empty());
    REQUIRE(fracas::os::boot_now_ns() < end_ns);
    fracas::os::sleep_until_boot_ns(end_ns);
    flow.send(5);
    CHECK(flow.receive_all().size() == 5);
    ::kill(keeper, SIGKILL);
  }
}

TEST_CASE("network data plane: with the agent killed and nothing kept, TCX lets everything pass at once",
          "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  if (prepare(*open_plane(pair.a), kCut)->mechanism() != "tcx") FRACAS_SKIP("this kernel has no TCX (Linux 6.6)");
  const Listing before = list(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  static_cast<void>(arm_and_die(pair, true, false, kForever, kForever));
  flow.send(5);
  CHECK(flow.receive_all().size() == 5);
  CHECK(list(pair.a) == before);
}

TEST_CASE("network data plane: a filter that a killed agent left ends with its lease and is found and removed",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Listing before = list(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const std::int64_t lease_end_ns = fracas::os::boot_now_ns() + 2500 * kMs * fracas::test::slowness();
  static_cast<void>(arm_and_die(pair, false, false, kForever, lease_end_ns));
  flow.send(5);
  CHECK(flow.receive_all().empty());
  REQUIRE(fracas::os::boot_now_ns() < lease_end_ns);
  fracas::os::sleep_until_boot_ns(lease_end_ns);
  flow.send(5);
  CHECK(flow.receive_all().size() == 5);
  CHECK(list(pair.a).leftovers ==
        std::vector<std::string>{"filter fracas_ingress on va", "filter fracas_egress on va"});
  REQUIRE(pair.a.run(fracas::agent::remove_net_leftovers));
  CHECK(list(pair.a) == before);
}

TEST_CASE("network data plane: detour devices that a killed agent left are found and removed, others stay",
          "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Listing before = list(pair.a);
  auto socket = fracas::os::RouteSocket::open_in(pair.a);
  REQUIRE(socket);
  REQUIRE(socket->create_veth({"fracasd7", nullptr}, {"fracasd7b", nullptr}));
  CHECK(list(pair.a).leftovers.size() == 2);
  REQUIRE(pair.a.run(fracas::agent::remove_net_leftovers));
  CHECK(list(pair.a) == before);
}

TEST_CASE("network data plane: the probe says what each kind would use", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  for (const auto& one :
       {fracas::agent::probe_net_drop(), fracas::agent::probe_net_line(), fracas::agent::probe_net_delay()}) {
    INFO(one.missing);
    CHECK(one.available);
    CHECK(one.missing.empty());
    CHECK_FALSE(one.mechanism.empty());
    CHECK_FALSE(one.accuracy.empty());
  }
}

TEST_CASE("network data plane: an unknown interface is refused by name", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  REQUIRE(pair.a.run([]() -> Status {
    auto opened = NetPlane::open({"eth7"});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message == "network data plane: interface eth7: No such device");
    return {};
  }));
}
