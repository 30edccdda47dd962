#include "targets/node/shell/server_loop.h"

#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <utility>

namespace fracas::node {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kListener = 1;
constexpr std::uint64_t kTimer = 2;
constexpr std::uint64_t kSignals = 3;
constexpr std::uint64_t kFirstLink = 16;
constexpr std::uint64_t kFirstInbound = 1U << 20U;

constexpr long kTickNs = 10'000'000;
constexpr std::size_t kInboundMax = 4096;
constexpr std::size_t kInboundBacklogMax = 8U << 20U;
// Members ping every 100 ms, and anybody says hello at once.
constexpr Duration kInboundSilenceMax = seconds(5);

void drain(int fd) {
  char ignored[256];
  while (read(fd, ignored, sizeof(ignored)) > 0) {
  }
}

}  // namespace

Duration monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Result<ServerLoop> ServerLoop::open(ServerLoopOptions options) {
  auto poller = Poller::open();
  if (!poller) return failure(std::move(poller).error());
  auto listener = listen_on(options.listen);
  if (!listener) return failure(std::move(listener).error());
  ServerLoop loop(std::move(options), std::move(*poller), std::move(*listener));
  if (auto started = loop.start(); !started) return failure(std::move(started).error());
  return loop;
}

Status ServerLoop::start() {
  timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const itimerspec every{{0, kTickNs}, {0, kTickNs}};
  if (!timer_ || timerfd_settime(timer_.get(), 0, &every, nullptr) != 0) return system_failure("timerfd");
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  if (sigprocmask(SIG_BLOCK, &stop, nullptr) != 0) return system_failure("sigprocmask");
  signals_.reset(signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_) return system_failure("signalfd");
  const std::pair<int, std::uint64_t> sources[] = {
      {listener_.get(), kListener}, {timer_.get(), kTimer}, {signals_.get(), kSignals}};
  for (const auto& [fd, token] : sources)
    if (auto added = poller_.add(fd, token, false); !added) return added;
  if (!options_.resolver.empty()) {
    auto resolver = Resolver::open(options_.resolver, options_.listen.storage.ss_family);
    if (!resolver) return failure(std::move(resolver).error());
    resolver_ = *std::move(resolver);
  }
  for (const auto& [peer, address] : options_.peers)
    links_.emplace_back(options_.self, peer, address, resolver_.get(), kFirstLink + links_.size());
  return {};
}

Status ServerLoop::run(Service& service) {
  for (;;) {
    const auto stop = turn(service);
    if (!stop) return failure(stop.error());
    if (*stop) return {};
  }
}

// One turn. True when it is time to stop.
Result<bool> ServerLoop::turn(Service& service) {
  const auto ready = poller_.wait();
  if (!ready) return failure(ready.error());
  now_ = monotonic_now();
  service.tick(now_);
  for (const Poller::Ready& one : *ready) {
    if (one.token == kSignals) return true;
    handle(one, service);
  }
  if (resolver_) resolver_->turn();
  for (PeerLink& link : links_) link.tick(now_, poller_);
  close_silent();
  if (auto settled = service.settle(); !settled) return failure(std::move(settled).error());
  return false;
}

void ServerLoop::handle(const Poller::Ready& ready, Service& service) {
  if (ready.token == kListener) return accept_all();
  if (ready.token == kTimer) return drain(timer_.get());
  if (ready.token >= kFirstInbound) {
    if (ready.readable) receive(ready.token, service);
    return;
  }
  links_[ready.token - kFirstLink].ready(ready, now_, poller_);
}

void ServerLoop::accept_all() {
  for (;;) {
    os::UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    if (inbound_.size() >= kInboundMax) continue;
    tune_connection(socket.get());
    const std::uint64_t id = next_inbound_++;
    if (!poller_.add(socket.get(), id, false)) continue;
    inbound_.emplace(id, Inbound{Channel(std::move(socket), kClientFrameMax, kInboundBacklogMax), now_, {}, false});
  }
}

void ServerLoop::receive(std::uint64_t id, Service& service) {
  const auto found = inbound_.find(id);
  if (found == inbound_.end()) return;
  Inbound& inbound = found->second;
  const auto payloads = inbound.channel.receive();
  bool good = payloads.has_value();
  inbound.heard_at = now_;
  for (std::size_t i = 0; good && i < payloads->size(); ++i) good = take(id, inbound, (*payloads)[i], service);
  if (!good) inbound_.erase(found);
}

// False where the other end does not keep to the protocol.
bool ServerLoop::take(std::uint64_t id, Inbound& inbound, std::string_view payload, Service& service) {
  if (!inbound.hello) {
    auto hello = decode_hello(payload);
    return hello && greet(id, inbound, std::move(*hello));
  }
  if (inbound.hello->kind == Hello::Kind::client) return service.ask(id, payload);
  if (is_ping(payload)) return inbound.channel.send(pong());
  return service.receive(inbound.hello->name, payload);
}

bool ServerLoop::greet(std::uint64_t id, Inbound& inbound, Hello hello) {
  if (hello.kind == Hello::Kind::peer) {
    if (options_.peers.count(hello.name) == 0) return false;
    // A member that dials again has given up its older connection; what is left in there is out of date.
    std::erase_if(inbound_, [&](const auto& other) {
      return other.first != id && other.second.hello && other.second.hello->kind == Hello::Kind::peer &&
             other.second.hello->name == hello.name;
    });
    inbound.channel.set_frame_max(kPeerFrameMax);
  }
  inbound.hello = std::move(hello);
  return true;
}

void ServerLoop::send(std::string_view peer, std::string_view payload) {
  for (PeerLink& link : links_)
    if (link.peer() == peer) link.send(payload);
}

void ServerLoop::answer(std::uint64_t connection, std::string_view payload) {
  const auto inbound = inbound_.find(connection);
  if (inbound != inbound_.end()) static_cast<void>(inbound->second.channel.send(payload));
}

void ServerLoop::flush() {
  for (PeerLink& link : links_) link.flush(now_, poller_);
  flush_inbound();
}

void ServerLoop::flush_inbound() {
  for (auto entry = inbound_.begin(); entry != inbound_.end();) {
    auto& [id, inbound] = *entry;
    if (!inbound.channel.flush()) {
      entry = inbound_.erase(entry);
      continue;
    }
    const bool want_write = inbound.channel.backlog();
    if (want_write != inbound.want_write) poller_.change(inbound.channel.fd(), id, want_write);
    inbound.want_write = want_write;
    ++entry;
  }
}

void ServerLoop::close_silent() {
  std::erase_if(inbound_, [this](const auto& entry) {
    const Inbound& inbound = entry.second;
    const bool must_speak = !inbound.hello || inbound.hello->kind == Hello::Kind::peer;
    return must_speak && now_ - inbound.heard_at > kInboundSilenceMax;
  });
}

}  // namespace fracas::node
