#include "agent/net_slot.h"

#include <utility>

namespace fracas::agent {

NetSlot::NetSlot(std::vector<std::string> interfaces, std::function<Status(std::span<const int>)> hand_over)
    : interfaces_(std::move(interfaces)), hand_over_(std::move(hand_over)) {}

void NetSlot::open_in_background() {
  const std::lock_guard lock(mutex_);
  if (plane_ || opening_.valid()) return;
  opening_ = std::async(std::launch::async, [this] { return open(); });
}

NetSlot::Opened NetSlot::open() const {
  return NetPlane::open(interfaces_, {.spared = spared_});
}

Result<NetPlane*> NetSlot::get() {
  open_in_background();
  const std::lock_guard lock(mutex_);
  if (plane_) return plane_.get();
  Opened opened = opening_.valid() ? opening_.get() : open();
  if (!opened) return failure(std::move(opened).error());
  if (auto handed = hand_over(opened->get()); !handed) return failure(std::move(handed).error());
  plane_ = std::move(*opened);
  return plane_.get();
}

Status NetSlot::hand_over(const NetPlane* plane) const {
  std::vector<int> all = plane == nullptr ? std::vector<int>() : plane->keep_alive_fds();
  for (const auto& [id, fds] : kept_) all.insert(all.end(), fds.begin(), fds.end());
  if (auto handed = hand_over_(all); !handed)
    return failure(std::move(handed).error().context("hand over to the guardian"));
  return {};
}

Status NetSlot::keep(const std::string& id, std::vector<int> fds) {
  const std::lock_guard lock(mutex_);
  kept_.erase(id);
  if (!fds.empty()) kept_[id] = std::move(fds);
  auto handed = hand_over(plane_.get());
  if (!handed) kept_.erase(id);
  return handed;
}

Status NetSlot::hand_over_again() {
  const std::lock_guard lock(mutex_);
  return plane_ || !kept_.empty() ? hand_over(plane_.get()) : Status();
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
