#include "lib/sim/stream.h"

#include <algorithm>
#include <utility>

namespace fracas::sim {
namespace {

using std::chrono::milliseconds;

constexpr Duration kProbe = milliseconds(10);
constexpr Duration kTimerMin = milliseconds(200);
constexpr int kDoublingsMax = 6;

}  // namespace

void Stream::send(std::size_t bytes, Arrival arrive) {
  if (closed_) return;
  unacknowledged_.push_back(scheduler_.now());
  blocked_.push_back({bytes, scheduler_.now(), std::move(arrive)});
  if (!timer_) transmit();
}

void Stream::close() {
  closed_ = true;
  blocked_.clear();
  unacknowledged_.clear();
}

Duration Stream::waiting_since() const {
  return unacknowledged_.empty() ? Duration::max() : unacknowledged_.front();
}

Duration Stream::retransmit_after() const {
  if (losses_ <= 1) return kProbe;
  return kTimerMin * (1 << std::min(losses_ - 2, kDoublingsMax));
}

void Stream::transmit() {
  while (!closed_ && !blocked_.empty() && try_head()) {
  }
  if (closed_ || blocked_.empty()) return;
  timer_ = true;
  scheduler_.after(retransmit_after(), [stream = weak_from_this()] {
    const auto self = stream.lock();
    if (!self || self->closed_) return;
    self->timer_ = false;
    self->transmit();
  });
}

// False: it was lost, and is to be sent again.
bool Stream::try_head() {
  Packet packet;
  packet.from = ends_.from;
  packet.to = ends_.to;
  packet.bytes = blocked_.front().bytes;
  packet.opens = !opened_;
  packet.connection = ends_.connection;
  packet.connected_at = opened_at_;
  const Fate fate = network_.decide(packet, scheduler_.now());
  if (fate.refused) {
    refused_ = true;
    close();
    return false;
  }
  if (fate.lost) {
    ++losses_;
    return false;
  }
  losses_ = 0;
  opened_ = true;
  Segment segment = std::move(blocked_.front());
  blocked_.pop_front();
  // One that was sent before and is held longer is overtaken, and put back into its place by the receiver: this one
  // waits.
  last_arrival_ = std::max(last_arrival_, scheduler_.now() + fate.held);
  arrive_at(last_arrival_, std::move(segment), fate.corrupted);
  return true;
}

void Stream::arrive_at(Duration moment, Segment segment, bool corrupted) {
  scheduler_.at(moment, [stream = weak_from_this(), arrive = std::move(segment.arrive), corrupted]() mutable {
    const auto self = stream.lock();
    if (!self || self->closed_) return;
    if (!self->unacknowledged_.empty()) self->unacknowledged_.pop_front();
    arrive(corrupted);
  });
}

}  // namespace fracas::sim
