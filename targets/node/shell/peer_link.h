#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "targets/node/shell/channel.h"
#include "targets/node/shell/poller.h"
#include "targets/node/shell/resolver.h"

namespace fracas::node {

using PeerAddress = std::variant<Address, NamedAddress>;

// The connection over which one member sends to one other; what the other sends comes over a connection it dials.
// A connection that shows no life for a second is replaced by a fresh one, so that a healed partition is not waited
// for in TCP's backoff. Messages that cannot be sent are dropped: the store repeats what matters.
class PeerLink {
 public:
  // `resolver` is asked where the address is a name; borrowed, and must stay.
  PeerLink(std::string self, std::string peer, PeerAddress address, Resolver* resolver, std::uint64_t token)
      : self_(std::move(self)),
        peer_(std::move(peer)),
        address_(std::move(address)),
        resolver_(resolver),
        token_(token),
        random_(token, self_) {}

  const std::string& peer() const { return peer_; }
  void send(std::string_view payload);
  // Call often (every 10 ms or so): dials, pings, gives up.
  void tick(Duration now, Poller& poller);
  void ready(const Poller::Ready& ready, Duration now, Poller& poller);
  // Sends what gathered.
  void flush(Duration now, Poller& poller);

 private:
  // The address to dial; nothing while the name is being looked up, or when that failed.
  std::optional<Address> find_address(Duration now);
  void dial(const Address& address, Duration now, Poller& poller);
  void connected(Duration now, Poller& poller);
  void drop(Duration now);

  std::string self_;
  std::string peer_;
  PeerAddress address_;
  Resolver* resolver_;
  bool asked_ = false;  // for the name
  std::uint64_t token_;
  RandomStream random_;
  UniqueFd dialling_;
  std::optional<Channel> channel_;
  bool want_write_ = false;
  int attempts_ = 0;       // since the last connection that worked
  Duration dial_at_{};     // while there is neither a channel nor an attempt
  Duration give_up_at_{};  // while dialling
  Duration alive_at_{};
  Duration pinged_at_{};
};

}  // namespace fracas::node
