#include "tests/bench/net_bench_hosts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

#include "lib/base/random.h"
#include "lib/os/clock.h"
#include "lib/os/netlink.h"

namespace fracas::bench {
namespace {

constexpr std::int64_t kForever = std::int64_t{1} << 62;
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t real_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void set_up(const os::NetNamespace& netns, const std::string& link, const std::string& address) {
  auto socket = must(os::RouteSocket::open_in(netns));
  must(os::silence_ipv6(netns, link));
  must(socket.add_address(link, address));
  must(socket.set_up(link));
}

sockaddr_in address_of_b(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, "10.77.0.2", &address.sin_addr);
  return address;
}

os::UniqueFd open_socket(const os::NetNamespace& netns, int type) {
  os::UniqueFd socket;
  must(netns.run([&]() -> Status {
    socket = os::UniqueFd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    if (!socket) return system_failure("socket");
    return {};
  }));
  const int bytes = 64 << 20;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
  const timeval limit{0, 500'000};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return socket;
}

struct Flow {
  os::UniqueFd from;
  os::UniqueFd to;
};

Flow udp_flow(const Hosts& hosts) {
  Flow flow{open_socket(hosts.a, SOCK_DGRAM), open_socket(hosts.b, SOCK_DGRAM)};
  const int on = 1;
  ::setsockopt(flow.to.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  sockaddr_in local = address_of_b(0);
  if (::bind(flow.to.get(), reinterpret_cast<sockaddr*>(&local), sizeof local) != 0) must(system_failure("bind"));
  socklen_t size = sizeof local;
  ::getsockname(flow.to.get(), reinterpret_cast<sockaddr*>(&local), &size);
  if (::connect(flow.from.get(), reinterpret_cast<sockaddr*>(&local), sizeof local) != 0)
    must(system_failure("connect"));
  return flow;
}

Flow tcp_flow(const Hosts& hosts) {
  const os::UniqueFd listener = open_socket(hosts.b, SOCK_STREAM);
  sockaddr_in local = address_of_b(0);
  socklen_t size = sizeof local;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&local), size) != 0) must(system_failure("bind"));
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&local), &size);
  ::listen(listener.get(), 1);
  Flow flow;
  flow.from = open_socket(hosts.a, SOCK_STREAM);
  if (::connect(flow.from.get(), reinterpret_cast<sockaddr*>(&local), size) != 0) must(system_failure("connect"));
  flow.to = os::UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return flow;
}

// Gives the kernel's receive stamp; 0 when nothing comes.
std::int64_t receive(const os::UniqueFd& socket, std::int64_t& sent_ns) {
  std::int64_t payload[8] = {};
  iovec data{payload, sizeof payload};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(socket.get(), &message, 0) < 0) return 0;
  sent_ns = payload[0];
  timespec stamp{};
  if (const cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr)
    std::memcpy(&stamp, CMSG_DATA(head), sizeof stamp);
  return stamp.tv_sec * kSecond + stamp.tv_nsec;
}

void send_one(const os::UniqueFd& socket) {
  std::int64_t payload[8] = {real_now_ns()};
  static_cast<void>(::send(socket.get(), payload, sizeof payload, 0));
}

}  // namespace

void give_up(const Error& error) {
  std::fprintf(stderr, "bench_faults: %s\n", error.message.c_str());
  std::exit(1);
}

void must(const Status& status) {
  if (!status) give_up(status.error());
}

Hosts make_hosts() {
  Hosts hosts{must(os::NetNamespace::create()), must(os::NetNamespace::create())};
  auto socket = must(os::RouteSocket::open_in(hosts.a));
  must(socket.create_veth({"va", nullptr}, {"vb", &hosts.b}));
  set_up(hosts.a, "va", "10.77.0.1/24");
  set_up(hosts.b, "vb", "10.77.0.2/24");
  return hosts;
}

std::unique_ptr<agent::NetPlane> open_plane(const os::NetNamespace& netns) {
  std::unique_ptr<agent::NetPlane> plane;
  must(netns.run([&]() -> Status {
    plane = must(agent::NetPlane::open({}));
    return {};
  }));
  return plane;
}

std::unique_ptr<agent::Effect> prepare(agent::NetPlane& plane, const agent::NetRule& rule) {
  return must(plane.prepare(rule));
}

void arm(agent::NetPlane& plane, agent::Effect& effect) {
  plane.renew(kForever);
  must(effect.arm({os::boot_now_ns(), kForever}));
}

void disarm(agent::Effect& effect) {
  must(effect.arm({1, 2}));
}

std::vector<double> one_way_ns(const Hosts& hosts, int count, double packets_per_second, Pace pace) {
  const Flow flow = udp_flow(hosts);
  std::vector<double> times;
  std::thread receiver([&] {
    std::int64_t sent_ns = 0;
    while (times.size() < static_cast<std::size_t>(count)) {
      const std::int64_t at = receive(flow.to, sent_ns);
      if (at == 0) return;
      times.push_back(static_cast<double>(at - sent_ns));
    }
  });
  RandomStream random(1, "gaps");
  std::int64_t due = os::boot_now_ns();
  for (int i = 0; i < count; ++i) {
    if (due - os::boot_now_ns() > 100'000) os::sleep_until_boot_ns(due - 60'000);
    std::int64_t now = os::boot_now_ns();
    while (now < due) now = os::boot_now_ns();
    send_one(flow.from);
    const double gaps = pace == Pace::even ? 1 : 0.5 + random.unit();
    due = std::max(due, now) + static_cast<std::int64_t>(gaps * 1e9 / packets_per_second);
  }
  receiver.join();
  return times;
}

Traffic::Traffic(const Hosts& hosts, Kind kind) : kind_(kind) {
  if (kind == Kind::packets) {
    Flow flow = udp_flow(hosts);
    from_ = std::move(flow.from);
    to_ = std::move(flow.to);
  } else {
    Flow flow = tcp_flow(hosts);
    from_ = std::move(flow.from);
    to_ = std::move(flow.to);
  }
  sender_ = std::thread([this] { send(); });
  receiver_ = std::thread([this] { receive(); });
}

Traffic::~Traffic() {
  stop_ = true;
  pause(false);
  ::shutdown(to_.get(), SHUT_RDWR);
  sender_.join();
  receiver_.join();
}

void Traffic::pause(bool on) {
  paused_ = on;
  paused_.notify_all();
}

void Traffic::send() {
  const std::vector<char> data(256 << 10, 'x');
  while (!stop_) {
    paused_.wait(true);
    if (kind_ == Kind::packets)
      send_one(from_);
    else if (::send(from_.get(), data.data(), data.size(), MSG_NOSIGNAL) <= 0)
      return;
  }
}

void Traffic::receive() {
  if (kind_ == Kind::packets) return receive_packets();
  std::vector<char> room(1 << 20);
  while (!stop_) {
    const ssize_t got = ::recv(to_.get(), room.data(), room.size(), 0);
    if (got > 0) arrived_ += static_cast<std::uint64_t>(got);
  }
}

// Looks now and then: a receiver that sleeps in its socket is woken by who brings a packet, which costs that thread
// more than the packet does. The socket has room for all that come meanwhile.
void Traffic::receive_packets() {
  constexpr std::size_t kAtOnce = 64;
  constexpr timespec kNowAndThen{0, 100'000};
  std::array<std::array<char, 64>, kAtOnce> room;
  std::array<iovec, kAtOnce> places;
  std::array<mmsghdr, kAtOnce> messages{};
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    places[i] = {room[i].data(), room[i].size()};
    messages[i].msg_hdr.msg_iov = &places[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  while (!stop_) {
    const int got = ::recvmmsg(to_.get(), messages.data(), kAtOnce, MSG_DONTWAIT, nullptr);
    if (got > 0) arrived_ += static_cast<std::uint64_t>(got);
    if (got < static_cast<int>(kAtOnce)) ::nanosleep(&kNowAndThen, nullptr);
  }
}

double Traffic::rate(double seconds) const {
  const std::int64_t start = os::boot_now_ns();
  const std::uint64_t before = arrived_;
  os::sleep_until_boot_ns(start + static_cast<std::int64_t>(seconds * 1e9));
  const double arrived = static_cast<double>(arrived_ - before);
  const double took = static_cast<double>(os::boot_now_ns() - start) * 1e-9;
  return (kind_ == Kind::packets ? arrived : arrived * 8e-9) / took;
}

bool run(const os::NetNamespace& netns, const std::vector<std::string>& argv) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    if (netns.enter()) ::execvp(words[0], words.data());
    ::_exit(127);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace fracas::bench
