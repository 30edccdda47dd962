#include "targets/raft/sim/sim_link.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace fracas::raft {
namespace {

using std::chrono::milliseconds;

constexpr Duration kSilenceMax = milliseconds(1000);
constexpr Duration kRetryMin = milliseconds(20);
constexpr Duration kRetryMax = milliseconds(200);
constexpr Duration kDialShort = milliseconds(250);
constexpr Duration kDialLong = milliseconds(1000);
constexpr std::size_t kHeadBytes = 110;  // of a segment with a small message: Ethernet, IP, TCP and the frame

struct BytesOf {
  std::size_t operator()(const AppendRequest& request) const {
    std::size_t bytes = kHeadBytes;
    for (const Entry& entry : request.entries) bytes += entry.payload.size() + 24;
    return bytes;
  }
  std::size_t operator()(const SnapshotRequest& request) const { return kHeadBytes + request.snapshot.state.size(); }
  template <typename Other>
  std::size_t operator()(const Other&) const {
    return kHeadBytes;
  }
};

}  // namespace

void SimLink::send(const Message& message) {
  if (!is_open()) return;
  // Shared: the closure is moved from queue to queue, the message is not.
  connection_->ask(std::visit(BytesOf{}, message), [deliver = deliver_, held = std::make_shared<const Message>(message),
                                                    connection = std::weak_ptr(connection_)](bool corrupted) {
    // A damaged frame is no payload: the receiver hangs up.
    if (!corrupted) return (*deliver)(*held);
    if (const auto open = connection.lock()) open->reset();
  });
}

void SimLink::tick() {
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
  connection_ = std::make_shared<sim::Connection>(scheduler_, network_, ends_, server_);
  connection_->open([this, opened = std::weak_ptr(connection_)](bool accepted) {
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
}

}  // namespace fracas::raft
