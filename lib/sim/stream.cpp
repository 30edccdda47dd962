#include "lib/sim/stream.h"

#include <algorithm>
#include <utility>

namespace fracas::sim {
namespace {

using std::chrono::milliseconds;

constexpr Duration kProbe = milliseconds(10);
constexpr Duration kTimerMin = milliseconds(200);
constexpr int kDoublingsMax = 6;
constexpr std::size_t kAcknowledgedMax = 64;  // then they are forgotten

}  // namespace

std::optional<Fate> Stream::begin(std::size_t bytes) {
  if (closed_) return std::nullopt;
  sent_at_.push_back(scheduler_.now());
  return blocked_.empty() ? pass(bytes) : std::nullopt;
}

void Stream::block(std::size_t bytes, Arrival arrive) {
  blocked_.push_back({bytes, std::move(arrive)});
  wait();
}

void Stream::close() {
  closed_ = true;
  blocked_.clear();
  sent_at_.clear();
  acknowledged_ = 0;
}

Duration Stream::waiting_since() const {
  return acknowledged_ == sent_at_.size() ? Duration::max() : sent_at_[acknowledged_];
}

void Stream::acknowledge() {
  if (acknowledged_ == sent_at_.size()) return;
  ++acknowledged_;
  if (acknowledged_ < sent_at_.size() && acknowledged_ < kAcknowledgedMax) return;
  sent_at_.erase(sent_at_.begin(), sent_at_.begin() + static_cast<std::ptrdiff_t>(acknowledged_));
  acknowledged_ = 0;
}

Duration Stream::retransmit_after() const {
  if (losses_ <= 1) return kProbe;
  return kTimerMin * (1 << std::min(losses_ - 2, kDoublingsMax));
}

void Stream::wait() {
  if (std::exchange(timer_, true)) return;
  scheduler_.after(retransmit_after(), [stream = weak_from_this()] {
    const auto self = stream.lock();
    if (!self || self->closed_) return;
    self->timer_ = false;
    self->retransmit();
  });
}

void Stream::retransmit() {
  while (!closed_ && !blocked_.empty()) {
    const auto fate = pass(blocked_.front().bytes);
    if (closed_) return;
    if (!fate) return wait();
    Arrival arrive = std::move(blocked_.front().arrive);
    blocked_.pop_front();
    deliver(*fate, std::move(arrive));
  }
}

std::optional<Fate> Stream::pass(std::size_t bytes) {
  const Packet packet{.from = ends_.from,
                      .to = ends_.to,
                      .bytes = bytes,
                      .opens = !opened_,
                      .connection = ends_.connection,
                      .connected_at = opened_at_};
  const Fate fate = network_.decide(packet, scheduler_.now());
  if (fate.refused) {
    refused_ = true;
    close();
    return std::nullopt;
  }
  if (fate.lost) {
    ++losses_;
    return std::nullopt;
  }
  losses_ = 0;
  opened_ = true;
  return fate;
}

Duration Stream::arrival(const Fate& fate) {
  // One that was sent before and is held longer is overtaken, and put back into its place by the receiver: this one
  // waits.
  return last_arrival_ = std::max(last_arrival_, scheduler_.now() + fate.held);
}

}  // namespace fracas::sim
