#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "agent/faults/net_fault.h"
#include "agent/line/netem_lateness.h"
#include "tests/kernel/net_pair.h"
#include "tests/kernel/patience.h"

using namespace fracas::test;
using fracas::agent::NetRule;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

NetRule delay(milliseconds held, milliseconds jitter = {}) {
  return {.kind = "net.delay", .to = {"10.77.0.2", "fd77::2"}, .delay = held, .jitter = jitter, .seed = 3};
}

std::int64_t one_way_ns(const UdpFlow::Packet& packet) {
  return packet.received_ns - packet.sent_ns;
}

std::vector<UdpFlow::Packet> send_and_receive(UdpFlow& flow, int count, microseconds gap) {
  std::vector<UdpFlow::Packet> arrived;
  std::thread receiver([&] { arrived = flow.receive_all(milliseconds(300)); });
  flow.send(count, gap);
  receiver.join();
  return arrived;
}

}  // namespace

TEST_CASE("net.delay: every packet comes, later by the asked time", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    auto flow = udp_flow(pair.a, pair.b, there, 4000);
    auto effect = prepare(*plane, delay(milliseconds(20)));
    arm_now(*plane, *effect);
    const auto arrived = send_and_receive(flow, 200, milliseconds(1));
    REQUIRE(arrived.size() == 200);
    std::vector<std::int64_t> times;
    for (const auto& packet : arrived) times.push_back(one_way_ns(packet));
    std::sort(times.begin(), times.end());
    INFO("median " << times[100] / 1000 << " us, last " << times.back() / 1000 << " us");
    CHECK(times.front() >= 20 * kMs);
    CHECK(times[100] < 40 * kMs * slowness());
    const auto counters = effect->counters();
    CHECK(counters.matched >= 200);
    CHECK(counters.affected == counters.matched);
    CHECK(counters.first_ns >= arrived.front().sent_ns + 20 * kMs);
    REQUIRE(effect->revert());
    CHECK(effect->counters() == counters);
    flow.send();
    const auto packet = flow.receive(milliseconds(1000));
    REQUIRE(packet);
    CHECK(one_way_ns(*packet) < 20 * kMs);
  }
}

namespace {

// While it lives no TAP device can be made here, as in a container without /dev/net/tun.
class WithoutTun {
 public:
  WithoutTun() : before_(::open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)) {
    REQUIRE(before_);
    REQUIRE(::unshare(CLONE_NEWNS) == 0);
    REQUIRE(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    REQUIRE(::mount("/dev/null", "/dev/net/tun", nullptr, MS_BIND, nullptr) == 0);
  }
  ~WithoutTun() { ::setns(before_.get(), CLONE_NEWNS); }

 private:
  fracas::os::UniqueFd before_;
};

}  // namespace

TEST_CASE("net.delay: where no TAP can be made, netem holds what is delayed alike", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const auto lateness = fracas::agent::least_netem_lateness();
  if (!lateness) FRACAS_SKIP(lateness.error().message.c_str());
  CHECK(*lateness <= milliseconds(1));
  if (!std::filesystem::exists("/dev/net/tun")) FRACAS_SKIP("no /dev/net/tun to hide");
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  const WithoutTun hidden;
  CHECK(fracas::agent::probe_net_delay().mechanism == "netem");
  CHECK_FALSE(plane->prepare(delay(milliseconds(20), milliseconds(10))));
  auto effect = prepare(*plane, delay(milliseconds(20)));
  CHECK(effect->mechanism() == "netem");
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  arm_now(*plane, *effect);
  const auto arrived = send_and_receive(flow, 100, milliseconds(1));
  REQUIRE(arrived.size() == 100);
  for (const auto& packet : arrived) CHECK(one_way_ns(packet) >= 20 * kMs);
  CHECK(effect->counters().affected == effect->counters().matched);
  flow.send(10);
  REQUIRE(effect->revert());
  CHECK(flow.receive_all().size() == 10);
  flow.send();
  const auto packet = flow.receive(milliseconds(1000));
  REQUIRE(packet);
  CHECK(one_way_ns(*packet) < 20 * kMs);
  auto arriving = prepare(*plane, {.kind = "net.delay", .from = {"10.77.0.2"}, .delay = milliseconds(20)});
  CHECK(arriving->mechanism() == "netem");
  auto back = udp_flow(pair.b, pair.a, "10.77.0.1", 4001);
  arm_now(*plane, *arriving);
  const auto came = send_and_receive(back, 100, milliseconds(1));
  REQUIRE(came.size() == 100);
  for (const auto& one : came) CHECK(one_way_ns(one) >= 20 * kMs);
  CHECK(arriving->counters().affected == arriving->counters().matched);
}

TEST_CASE("net.delay: jitter spreads the times and keeps a flow in order", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, delay(milliseconds(20), milliseconds(10)));
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  arm_now(*plane, *effect);
  // Further apart than the jitter is wide for the spread, then close together for the order.
  auto arrived = send_and_receive(flow, 60, milliseconds(21));
  REQUIRE(arrived.size() == 60);
  const auto [least, most] = std::minmax_element(
      arrived.begin(), arrived.end(), [](const auto& x, const auto& y) { return one_way_ns(x) < one_way_ns(y); });
  CHECK(one_way_ns(*least) >= 10 * kMs);
  CHECK(one_way_ns(*least) < 16 * kMs);
  CHECK(one_way_ns(*most) > 24 * kMs);
  arrived = send_and_receive(flow, 3000, microseconds(0));
  REQUIRE(arrived.size() == 3000);
  CHECK(
      std::is_sorted(arrived.begin(), arrived.end(), [](const auto& x, const auto& y) { return x.number < y.number; }));
}

TEST_CASE("net.delay: two delays of one flow add up", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto one = prepare(*plane, delay(milliseconds(15)));
  auto two = prepare(*plane, delay(milliseconds(25)));
  arm_now(*plane, *one);
  arm_now(*plane, *two);
  const auto arrived = send_and_receive(flow, 50, milliseconds(1));
  REQUIRE(arrived.size() == 50);
  for (const auto& packet : arrived) {
    CHECK(one_way_ns(packet) >= 40 * kMs);
    CHECK(one_way_ns(packet) < 80 * kMs * slowness());
  }
  CHECK(one->counters().affected >= 50);
  CHECK(two->counters().affected >= 50);
}

TEST_CASE("net.delay: with loss on the same packets, what is left is delayed", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto slow = prepare(*plane, delay(milliseconds(10)));
  auto lossy = prepare(*plane, {.kind = "net.loss", .to = {"10.77.0.2"}, .loss = 0.5, .seed = 5});
  arm_now(*plane, *slow);
  arm_now(*plane, *lossy);
  const auto arrived = send_and_receive(flow, 1000, microseconds(20));
  const auto lost = lossy->counters();
  CHECK(lost.matched >= 1000);  // judged once, not again when it comes back from the line
  CHECK(lost.matched < 1010);
  CHECK(arrived.size() + lost.affected == lost.matched);
  for (const auto& packet : arrived) CHECK(one_way_ns(packet) >= 10 * kMs);
}

TEST_CASE("net.delay: a TCP stream passes whole", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, delay(milliseconds(10)));
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    arm_now(*plane, *effect);
    const auto flow = tcp_flow(pair.a, pair.b, there, 4000);
    constexpr std::size_t kBytes = std::size_t{64} << 20;
    std::vector<std::uint32_t> sent(kBytes / 4);
    std::iota(sent.begin(), sent.end(), 0x1234567U);
    std::thread sender([&] {
      const auto* bytes = reinterpret_cast<const char*>(sent.data());
      for (std::size_t at = 0; at < kBytes;) {
        const auto done = ::send(flow.from.get(), bytes + at, kBytes - at, MSG_NOSIGNAL);
        if (done <= 0) return;
        at += static_cast<std::size_t>(done);
      }
    });
    std::vector<std::uint32_t> received(kBytes / 4);
    receive_at_most(flow.to, milliseconds(10'000));
    const std::int64_t start_ns = fracas::os::boot_now_ns();
    std::size_t at = 0;
    while (at < kBytes) {
      const auto got = ::recv(flow.to.get(), reinterpret_cast<char*>(received.data()) + at, kBytes - at, 0);
      if (got <= 0) break;
      at += static_cast<std::size_t>(got);
    }
    sender.join();
    const double seconds = static_cast<double>(fracas::os::boot_now_ns() - start_ns) * 1e-9;
    INFO(there << ": " << static_cast<double>(at) * 8e-9 / seconds << " Gbit/s");
    CHECK(at == kBytes);
    CHECK(sent == received);
    CHECK(info_of(flow.from).tcpi_rtt >= 10'000);
    REQUIRE(effect->arm({1, 2}));
  }
}

TEST_CASE("net.delay: revert lets the held packets go out at their times and removes the device",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto socket = fracas::os::RouteSocket::open_in(pair.a);
  REQUIRE(socket);
  auto plane = open_plane(pair.a);
  const auto links_before = socket->links();
  auto effect = prepare(*plane, delay(milliseconds(100)));
  CHECK(socket->links()->size() > links_before->size());
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  arm_now(*plane, *effect);
  flow.send(100);
  REQUIRE(effect->revert());
  flow.send(1);
  CHECK(socket->links()->size() == links_before->size());
  const auto arrived = flow.receive_all(milliseconds(200));
  REQUIRE(arrived.size() == 101);
  for (std::size_t i = 0; i < 100; ++i) CHECK(one_way_ns(arrived[i]) >= 100 * kMs);
}

TEST_CASE("net.delay: a long delay that holds no packet is reverted at once", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, delay(milliseconds(30'000)));
  arm_now(*plane, *effect);
  const std::int64_t asked_ns = fracas::os::boot_now_ns();
  REQUIRE(effect->revert());
  CHECK(fracas::os::boot_now_ns() - asked_ns < 5000 * kMs);
}

TEST_CASE("net.delay: packets pass undelayed when nothing keeps the detour alive", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  // The plane lives in a child, which is stopped and later killed; a copy of its links stays with us by fork.
  int report[2];
  REQUIRE(::pipe(report) == 0);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const pid_t child = ::fork();
  if (child == 0) {
    char done = 'e';
    if (auto entered = pair.a.enter()) {
      auto plane = fracas::agent::NetPlane::open({});
      if (plane) {
        auto effect = (*plane)->prepare(delay(milliseconds(50)));
        (*plane)->renew(kForever);
        if (effect && (*effect)->arm({fracas::os::boot_now_ns(), kForever})) done = 'k';
        static_cast<void>(::write(report[1], &done, 1));
        ::pause();
      }
    }
    static_cast<void>(::write(report[1], &done, 1));
    ::_exit(1);
  }
  char answer = 0;
  REQUIRE(::read(report[0], &answer, 1) == 1);
  REQUIRE(answer == 'k');
  flow.send();
  auto packet = flow.receive(milliseconds(2000));
  REQUIRE(packet);
  CHECK(one_way_ns(*packet) >= 50 * kMs);
  REQUIRE(::kill(child, SIGSTOP) == 0);
  std::this_thread::sleep_for(milliseconds(150));
  flow.send(10);
  for (int i = 0; i < 10; ++i) {
    packet = flow.receive(milliseconds(2000));
    REQUIRE(packet);
    CHECK(one_way_ns(*packet) < 50 * kMs);
  }
  REQUIRE(::kill(child, SIGKILL) == 0);
  ::waitpid(child, nullptr, 0);
  flow.send(10);
  CHECK(flow.receive_all().size() == 10);
  ::close(report[0]);
  ::close(report[1]);
}
