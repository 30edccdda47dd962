#include "targets/node/shell/peer_link.h"

#include <utility>

#include "targets/node/wire/greeting.h"

namespace fracas::node {
namespace {

using std::chrono::milliseconds;

constexpr Duration kPingEvery = milliseconds(100);
constexpr Duration kSilenceMax = milliseconds(1000);
constexpr Duration kRetryMin = milliseconds(20);
constexpr Duration kRetryMax = milliseconds(200);
// A lost SYN is repeated after a second only, so most attempts end sooner and start afresh; every fourth waits long
// enough for a slow network.
constexpr Duration kDialShort = milliseconds(250);
constexpr Duration kDialLong = milliseconds(1000);
constexpr std::size_t kBacklogMax = 8U << 20U;
constexpr std::size_t kPongFrameMax = 64;

}  // namespace

void PeerLink::send(std::string_view payload) {
  if (channel_) static_cast<void>(channel_->send(payload));
}

void PeerLink::tick(Duration now, Poller& poller) {
  if (channel_) {
    if (now - alive_at_ >= kSilenceMax) return drop(now);
    if (now - pinged_at_ >= kPingEvery) {
      pinged_at_ = now;
      static_cast<void>(channel_->send(ping()));
    }
  } else if (dialling_) {
    if (now >= give_up_at_) drop(now);
  } else if (now >= dial_at_) {
    if (const auto address = find_address(now)) dial(*address, now, poller);
  }
}

std::optional<Address> PeerLink::find_address(Duration now) {
  if (const auto* known = std::get_if<Address>(&address_)) return *known;
  const auto& named = std::get<NamedAddress>(address_);
  if (!std::exchange(asked_, true)) resolver_->ask(named.host);
  auto answer = resolver_->take(named.host);
  if (!answer) return std::nullopt;
  asked_ = false;
  if (*answer) return with_port(**answer, named.port);
  ++attempts_;
  drop(now);
  return std::nullopt;
}

void PeerLink::dial(const Address& address, Duration now, Poller& poller) {
  ++attempts_;
  give_up_at_ = now + (attempts_ % 4 == 0 ? kDialLong : kDialShort);
  auto socket = start_connect(address);
  if (!socket || !poller.add(socket->get(), token_, true)) return drop(now);
  dialling_ = std::move(*socket);
}

void PeerLink::connected(Duration now, Poller& poller) {
  if (socket_error(dialling_.get()) != 0) return drop(now);
  channel_.emplace(std::move(dialling_), kPongFrameMax, kBacklogMax);
  static_cast<void>(channel_->send(encode(Hello{Hello::Kind::peer, self_})));
  static_cast<void>(channel_->send(ping()));
  alive_at_ = pinged_at_ = now;
  want_write_ = true;
  flush(now, poller);
}

void PeerLink::drop(Duration now) {
  dialling_.reset();
  channel_.reset();
  Duration wait = kRetryMin;
  for (int i = 1; i < attempts_ && wait < kRetryMax; ++i) wait *= 2;
  const auto limit = static_cast<std::uint64_t>((wait < kRetryMax ? wait : kRetryMax).count());
  dial_at_ = now + Duration(static_cast<Duration::rep>(limit / 2 + random_.below(limit / 2)));
}

void PeerLink::ready(const Poller::Ready& ready, Duration now, Poller& poller) {
  if (dialling_) return connected(now, poller);
  if (!channel_ || !ready.readable) return;  // `flush` does the writing, at its time
  const auto payloads = channel_->receive();
  if (!payloads) return drop(now);
  if (payloads->empty()) return;
  alive_at_ = now;
  attempts_ = 0;
}

void PeerLink::flush(Duration now, Poller& poller) {
  if (!channel_) return;
  if (!channel_->flush()) return drop(now);
  if (channel_->take_progress()) alive_at_ = now;
  const bool want_write = channel_->backlog();
  if (want_write != want_write_) poller.change(channel_->fd(), token_, want_write);
  want_write_ = want_write;
}

}  // namespace fracas::node
