#include "targets/raft/core/outbox.h"

#include <algorithm>
#include <utility>

namespace fracas::raft {

void Outbox::persist(Record record) {
  ++sequence_;
  ready_.persist.push_back(std::move(record));
}

void Outbox::after_disk(Effect effect) {
  // Nothing held back and everything written: no need to wait.
  if (held_.empty() && persisted_ == sequence_) {
    ready_.effects.push_back(std::move(effect));
  } else {
    held_.push_back({sequence_, std::move(effect)});
  }
}

void Outbox::at_once(Send send) {
  if (persisted_ >= barrier_) {
    ready_.effects.emplace_back(std::move(send));
  } else {
    after_disk(std::move(send));
  }
}

void Outbox::persisted(std::uint64_t sequence) {
  persisted_ = std::max(persisted_, std::min(sequence, sequence_));
  while (!held_.empty() && held_.front().sequence <= persisted_) {
    ready_.effects.push_back(std::move(held_.front().effect));
    held_.pop_front();
  }
}

Output Outbox::take() {
  ready_.sequence = sequence_;
  return std::exchange(ready_, {});
}

}  // namespace fracas::raft
