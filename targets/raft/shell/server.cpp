#include "targets/raft/shell/server.h"

#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "lib/base/log.h"

namespace fracas::raft {
namespace {

using std::chrono::milliseconds;
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

Duration monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

void drain(int fd) {
  char ignored[256];
  while (read(fd, ignored, sizeof(ignored)) > 0) {
  }
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::follower:
      return "follower";
    case Role::pre_candidate:
      return "pre-candidate";
    case Role::candidate:
      return "candidate";
    case Role::leader:
      return "leader";
  }
  return "";
}

}  // namespace

Server::Server(ServerOptions options, Wal wal, Raft raft, EventFile events, Poller poller, UniqueFd listener)
    : options_(std::move(options)),
      wal_(std::move(wal)),
      raft_(std::move(raft)),
      events_(std::move(events)),
      poller_(std::move(poller)),
      listener_(std::move(listener)),
      next_inbound_(kFirstInbound) {}

Result<Server> Server::open(ServerOptions options) {
  auto opened = Wal::open(options.data, options.fsync);
  if (!opened) return failure(std::move(opened).error());
  auto raft = Raft::make(options.raft, std::move(opened->recovered));
  if (!raft) return failure(std::move(raft).error());
  auto events = EventFile::open(options.events, options.raft.self.value());
  if (!events) return failure(std::move(events).error());
  auto poller = Poller::open();
  if (!poller) return failure(std::move(poller).error());
  auto listener = listen_on(options.listen);
  if (!listener) return failure(std::move(listener).error());
  Server server(std::move(options), std::move(opened->wal), std::move(*raft), std::move(*events), std::move(*poller),
                std::move(*listener));
  if (auto started = server.start(); !started) return failure(std::move(started).error());
  return server;
}

fracas::Status Server::start() {
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
    links_.emplace_back(options_.raft.self, peer, address, resolver_.get(), kFirstLink + links_.size());
  return {};
}

fracas::Status Server::run() {
  for (;;) {
    const auto stop = turn();
    if (!stop) return failure(stop.error());
    if (*stop) return {};
  }
}

// One turn. True when it is time to stop.
Result<bool> Server::turn() {
  const auto ready = poller_.wait();
  if (!ready) return failure(ready.error());
  now_ = monotonic_now();
  // Time first: a node that was frozen must notice before it looks at what piled up.
  step(Tick{now_});
  for (const Poller::Ready& one : *ready) {
    if (one.token == kSignals) return true;
    handle(one);
  }
  if (resolver_) resolver_->turn();
  for (PeerLink& link : links_) link.tick(now_, poller_);
  close_silent();
  if (auto published = publish(); !published) return failure(std::move(published).error());
  if (auto persisted = persist(); !persisted) return failure(std::move(persisted).error());
  return false;
}

void Server::handle(const Poller::Ready& ready) {
  if (ready.token == kListener) return accept_all();
  if (ready.token == kTimer) return drain(timer_.get());
  if (ready.token >= kFirstInbound) {
    if (ready.readable) receive(ready.token);
    return;
  }
  links_[ready.token - kFirstLink].ready(ready, now_, poller_);
}

void Server::accept_all() {
  for (;;) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    if (inbound_.size() >= kInboundMax) continue;
    tune_connection(socket.get());
    const std::uint64_t id = next_inbound_++;
    if (!poller_.add(socket.get(), id, false)) continue;
    inbound_.emplace(id, Inbound{Channel(std::move(socket), kClientFrameMax, kInboundBacklogMax), now_, {}, false});
  }
}

void Server::receive(std::uint64_t id) {
  const auto found = inbound_.find(id);
  if (found == inbound_.end()) return;
  Inbound& inbound = found->second;
  auto payloads = inbound.channel.receive();
  bool good = payloads.has_value();
  inbound.heard_at = now_;
  for (std::size_t i = 0; good && i < payloads->size(); ++i) good = take(id, inbound, std::move((*payloads)[i]));
  if (!good) inbound_.erase(found);
}

// False where the other end does not keep to the protocol.
bool Server::take(std::uint64_t id, Inbound& inbound, Payload payload) {
  if (!inbound.hello) {
    auto* hello = std::get_if<Hello>(&payload);
    return hello != nullptr && greet(id, inbound, std::move(*hello));
  }
  if (inbound.hello->kind == Hello::Kind::client) {
    auto* request = std::get_if<ClientRequest>(&payload);
    if (request == nullptr) return false;
    ask(id, inbound, std::move(*request));
    return true;
  }
  if (std::holds_alternative<Ping>(payload)) return inbound.channel.send(encode(Payload(Pong{})));
  auto message = as_message(std::move(payload));
  if (!message) return false;
  step(Received{NodeId(inbound.hello->name), std::move(*message)});
  return true;
}

bool Server::greet(std::uint64_t id, Inbound& inbound, Hello hello) {
  if (hello.kind == Hello::Kind::peer) {
    if (options_.peers.count(NodeId(hello.name)) == 0) return false;
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

void Server::ask(std::uint64_t id, Inbound& inbound, ClientRequest request) {
  if (std::holds_alternative<StatusRequest>(request.body)) {
    static_cast<void>(inbound.channel.send(encode(Payload(ClientAnswer{request.id, status()}))));
    return;
  }
  const RequestId mine = ++next_request_;
  waiting_[mine] = {id, request.id};
  if (auto* write = std::get_if<WriteRequest>(&request.body)) {
    step(Proposed{mine, std::move(write->command)});
  } else {
    step(ReadRequested{mine, std::move(std::get<ReadRequest>(request.body).key)});
  }
}

void Server::step(const Input& input) {
  Output output = raft_.step(input);
  for (const Effect& effect : output.effects) perform(effect);
  for (Record& record : output.persist) records_.push_back(std::move(record));
  sequence_ = output.sequence;
}

// Only gathers: `publish` lets events out before messages and answers.
void Server::perform(const Effect& effect) {
  if (const auto* event = std::get_if<Event>(&effect)) {
    if (event->type == Event::Type::role) log::info("{} in term {}", name_of(event->role), event->term.value());
    return events_.add(*event);
  }
  if (const auto* answer = std::get_if<Answer>(&effect)) return reply(*answer);
  const auto& send = std::get<Send>(effect);
  for (PeerLink& link : links_)
    if (link.peer() == send.to) link.send(send.message);
}

void Server::reply(const Answer& answer) {
  const auto found = waiting_.find(answer.request);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  const auto inbound = inbound_.find(waiting.inbound);
  if (inbound == inbound_.end()) return;
  static_cast<void>(inbound->second.channel.send(encode(Payload(ClientAnswer{waiting.id, answer.reply}))));
}

fracas::Status Server::publish() {
  if (auto flushed = events_.flush(); !flushed) return flushed;
  for (PeerLink& link : links_) link.flush(now_, poller_);
  flush_inbound();
  return {};
}

fracas::Status Server::persist() {
  while (!records_.empty()) {
    if (auto written = wal_.write(records_); !written) return written;
    records_.clear();
    step(Persisted{sequence_});
    if (auto published = publish(); !published) return published;
  }
  return {};
}

void Server::flush_inbound() {
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

void Server::close_silent() {
  std::erase_if(inbound_, [this](const auto& entry) {
    const Inbound& inbound = entry.second;
    const bool must_speak = !inbound.hello || inbound.hello->kind == Hello::Kind::peer;
    return must_speak && now_ - inbound.heard_at > kInboundSilenceMax;
  });
}

NodeStatus Server::status() const {
  const MemberStatus now = raft_.status();
  return {std::string(name_of(now.role)), now.term.value(), now.leader.value(), now.commit, now.applied};
}

}  // namespace fracas::raft
