#include "agent/line/netem_detour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "agent/faults/net.h"
#include "lib/os/clock.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr int kNamesTried = 1000;
// netem drops what exceeds its limit, and its default of 1000 packets is less than a second of a busy flow.
constexpr int kPacketsMax = 1'000'000;
// The kernel's timers and a processor that is still in the classifier.
constexpr std::int64_t kGrace = 10 * kMillisecond;

std::string far_end(const std::string& name) {
  return name + "b";
}

os::NetemOptions options_for(Duration delay) {
  return {.delay_us = std::chrono::duration_cast<std::chrono::microseconds>(delay).count(),
          .limit_packets = kPacketsMax};
}

// A veth pair under a name that is free; the first end's name.
Result<std::string> create_pair(os::RouteSocket& socket) {
  for (int number = 0; number < kNamesTried; ++number) {
    std::string name = fmt::format("{}{}", kDetourPrefix, number);
    auto made = socket.create_veth({name, nullptr}, {far_end(name), nullptr});
    if (made) return name;
    if (made.error().code != EEXIST) return failure(std::move(made).error());
  }
  return failure("no name is free for a detour device", EEXIST);
}

}  // namespace

Heartbeat::Heartbeat(std::function<void(std::int64_t)> keep_alive) : keep_alive_(std::move(keep_alive)) {
  keep_alive_(os::boot_now_ns() + 100 * kMillisecond);
  thread_ = std::thread([this] { run(); });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Heartbeat::run() {
  std::unique_lock lock(mutex_);
  do keep_alive_(os::boot_now_ns() + 100 * kMillisecond);
  while (!changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return stopping_; }));
  keep_alive_(0);
}

NetemDetour::NetemDetour(const os::NetNamespace& netns, std::string name, Duration delay)
    : netns_(netns), name_(std::move(name)), delay_(delay) {}

Result<std::unique_ptr<NetemDetour>> NetemDetour::open(NetProgram& program, const os::NetNamespace& netns,
                                                       Duration delay, bool allow_tcx) {
  auto socket = os::RouteSocket::open_in(netns);
  if (!socket) return failure(std::move(socket).error().context("netem detour"));
  auto name = create_pair(*socket);
  if (!name) return failure(std::move(name).error().context("netem detour"));
  std::unique_ptr<NetemDetour> detour(new NetemDetour(netns, std::move(*name), delay));
  if (auto built = detour->build(program, allow_tcx); !built)
    return failure(std::move(built).error().context("netem detour"));
  return detour;
}

Status NetemDetour::build(NetProgram& program, bool allow_tcx) {
  auto socket = os::RouteSocket::open_in(netns_);
  if (!socket) return failure(std::move(socket).error());
  for (const std::string& end : {name_, far_end(name_)}) {
    auto quiet = os::set_net_sysctl(netns_, fmt::format("ipv6/conf/{}/disable_ipv6", end), "1");
    if (!quiet && quiet.error().code != ENOENT) return quiet;
    // A packet of any interface must fit.
    if (auto set = socket->set_mtu(end, 65535); !set) return set;
  }
  if (auto set = socket->set_netem(name_, options_for(delay_)); !set) return set;
  auto far = socket->link(far_end(name_));
  if (!far) return failure(std::move(far).error());
  auto attached = netns_.run([&]() -> Status {
    auto attachment = program.attach(NetHook::detour_return, far->index, allow_tcx);
    if (!attachment) return failure(std::move(attachment).error());
    back_ = std::move(*attachment);
    return {};
  });
  if (!attached) return attached;
  // The far end first: while it is down the near one has no carrier, and its qdisc would begin to work only when the
  // kernel looks at links again, up to a second later. Until then packets would be lost there.
  for (const std::string& end : {far_end(name_), name_})
    if (auto up = socket->set_up(end); !up) return up;
  auto near = socket->link(name_);
  if (!near) return failure(std::move(near).error());
  ifindex_ = near->index;
  return {};
}

NetemDetour::~NetemDetour() {
  // A filter is found by the namespace of the thread that removes it.
  static_cast<void>(netns_.run([this]() -> Status {
    back_ = NetAttachment();
    return {};
  }));
  if (auto socket = os::RouteSocket::open_in(netns_)) static_cast<void>(socket->delete_link(name_));
}

void NetemDetour::drain() const {
  const std::int64_t asked_ns = os::boot_now_ns();
  const std::int64_t out_ns = asked_ns + delay_.count();  // a constant delay says when its last packet leaves
  auto socket = os::RouteSocket::open_in(netns_);
  // One that a processor is still judging may not be in the queue yet, so the first look comes after a rest.
  for (std::int64_t now_ns = asked_ns; now_ns < out_ns; now_ns = os::boot_now_ns()) {
    os::sleep_until_boot_ns(std::min(now_ns + kGrace, out_ns));
    if (socket && socket->queued_packets(name_) == std::uint64_t{0}) break;
  }
  os::sleep_until_boot_ns(os::boot_now_ns() + kGrace);  // what has left the queue is on its way back
}

}  // namespace fracas::agent
