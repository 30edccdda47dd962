#include "lib/sim/connection.h"

#include <utility>

namespace fracas::sim {
namespace {

constexpr std::size_t kHandshakeBytes = 74;

}  // namespace

Connection::Connection(Scheduler& scheduler, Network& network, const Ends& ends, Life server)
    : scheduler_(scheduler),
      ends_(ends),
      server_(std::move(server)),
      forth_(make_local<Stream>(scheduler, network, Stream::Ends{ends.client, ends.server, ends.number})),
      back_(make_local<Stream>(scheduler, network, Stream::Ends{ends.server, ends.client, ends.number})) {}

void Connection::open(std::function<void(bool accepted)> opened) {
  forth_->send(kHandshakeBytes, [self = weak_from_this(), opened = std::move(opened)](bool) {
    if (const auto connection = self.lock()) connection->accepted(opened);
  });
}

void Connection::accepted(const std::function<void(bool accepted)>& opened) {
  life_ = server_();
  back_->send(kHandshakeBytes, [self = weak_from_this(), opened = opened](bool) {
    const auto connection = self.lock();
    if (!connection) return;
    connection->open_ = connection->life_ != 0;
    opened(connection->open_);
  });
}

void Connection::close() {
  open_ = false;
  forth_->close();
  back_->close();
}

bool Connection::broken() const {
  return reset_ || forth_->refused() || back_->refused() || (open_ && server_() != life_);
}

void Connection::reset() {
  reset_ = true;
  forth_->close();
  back_->close();
}

}  // namespace fracas::sim
