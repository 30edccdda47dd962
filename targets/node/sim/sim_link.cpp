#include "targets/node/sim/sim_link.h"

#include <algorithm>
#include <utility>

#include "targets/node/sim/sim_node.h"

namespace fracas::node {
namespace {

using std::chrono::milliseconds;

constexpr Duration kSilenceMax = milliseconds(1000);
constexpr Duration kRetryMin = milliseconds(20);
constexpr Duration kRetryMax = milliseconds(200);
constexpr Duration kDialShort = milliseconds(250);
constexpr Duration kDialLong = milliseconds(1000);

}  // namespace

SimLink::SimLink(sim::Scheduler& scheduler, sim::Network& network, const sim::Connection::Ends& ends, SimNode& owner,
                 SimNode& peer)
    : scheduler_(scheduler),
      network_(network),
      ends_(ends),
      owner_(owner),
      peer_(peer),
      random_(ends.number, "node/sim/link") {}

void SimLink::stir() {
  if (!std::exchange(stirred_, true)) owner_.stirred(*this);
}

void SimLink::reset() {
  connection_->reset();
  stir();
}

bool SimLink::tick() {
  look();
  stirred_ = !is_open() || connection_->waiting_since() != Duration::max();
  return !stirred_;
}

void SimLink::look() {
  const Duration now = scheduler_.now();
  if (!connection_) {
    if (now >= dial_at_) dial();
  } else if (connection_->broken() || (dialling_ && now >= give_up_at_)) {
    drop();
  } else if (connection_->is_open()) {
    const Duration since = connection_->waiting_since();
    if (since != Duration::max() && now - since >= kSilenceMax) drop();
  }
}

void SimLink::dial() {
  ++attempts_;
  dialling_ = true;
  give_up_at_ = scheduler_.now() + (attempts_ % 4 == 0 ? kDialLong : kDialShort);
  connection_ = sim::make_local<sim::Connection>(scheduler_, network_, ends_, [&peer = peer_] { return peer.life(); });
  connection_->open([this, opened = sim::LocalWeak<sim::Connection>(connection_)](bool accepted) {
    if (opened.lock() != connection_) return;
    if (!accepted) return drop();
    dialling_ = false;
    attempts_ = 0;
  });
}

void SimLink::drop() {
  close();
  Duration wait = kRetryMin;
  for (int i = 1; i < attempts_ && wait < kRetryMax; ++i) wait *= 2;
  const auto limit = static_cast<std::uint64_t>(std::min(wait, kRetryMax).count());
  dial_at_ = scheduler_.now() + Duration(static_cast<Duration::rep>(limit / 2 + random_.below(limit / 2)));
}

void SimLink::close() {
  if (connection_) connection_->close();
  connection_.reset();
  dialling_ = false;
  dial_at_ = Duration{};
  stir();
}

}  // namespace fracas::node
