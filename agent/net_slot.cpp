#include "agent/net_slot.h"

#include <utility>

namespace fracas::agent {

NetSlot::NetSlot(std::vector<std::string> interfaces, std::function<Status(std::span<const int>)> hand_over)
    : interfaces_(std::move(interfaces)), hand_over_(std::move(hand_over)) {}

void NetSlot::open_in_background() {
  const std::lock_guard lock(mutex_);
  if (plane_ || opening_.valid()) return;
  opening_ = std::async(std::launch::async, [interfaces = interfaces_] { return NetPlane::open(interfaces); });
}

Result<NetPlane*> NetSlot::get() {
  open_in_background();
  const std::lock_guard lock(mutex_);
  if (plane_) return plane_.get();
  Opened opened = opening_.valid() ? opening_.get() : NetPlane::open(interfaces_);
  if (!opened) return failure(std::move(opened).error());
  const std::vector<int> kept = (*opened)->keep_alive_fds();
  if (auto handed = hand_over_(kept); !handed)
    return failure(std::move(handed).error().context("hand over to the guardian"));
  plane_ = std::move(*opened);
  return plane_.get();
}

void NetSlot::renew(std::int64_t lease_end_ns) {
  const std::lock_guard lock(mutex_);
  if (plane_) plane_->renew(lease_end_ns);
}

void NetSlot::close() {
  const std::lock_guard lock(mutex_);
  if (opening_.valid()) static_cast<void>(opening_.get());
  plane_.reset();
}

}  // namespace fracas::agent
