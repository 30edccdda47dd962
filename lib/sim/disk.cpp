#include "lib/sim/disk.h"

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::sim {

void Disk::apply(std::string& file, const Write& write) {
  if (write.replaces) file.clear();
  file += write.bytes;
}

void Disk::sync(std::size_t writes) {
  ensure(writes <= unsynced_.size(), "only what was written can be synced");
  const auto end = unsynced_.begin() + static_cast<std::ptrdiff_t>(writes);
  for (auto write = unsynced_.begin(); write != end; ++write) apply(synced_, *write);
  unsynced_.erase(unsynced_.begin(), end);
}

Disk::Loss Disk::lose_power(RandomStream& random, bool torn) {
  const std::size_t kept = static_cast<std::size_t>(random.below(unsynced_.size() + 1));
  sync(kept);
  Loss lost{.writes = unsynced_.size()};
  for (const Write& write : unsynced_) lost.bytes += write.bytes.size();
  if (torn && lost.writes > 0 && !unsynced_.front().replaces) {
    const std::string& first = unsynced_.front().bytes;
    const auto stays = static_cast<std::size_t>(random.below(first.size() + 1));
    synced_ += first.substr(0, stays);
    lost.bytes -= stays;
  }
  unsynced_.clear();
  return lost;
}

std::string Disk::contents() const {
  std::string file = synced_;
  for (const Write& write : unsynced_) apply(file, write);
  return file;
}

void Disk::truncate(std::size_t bytes) {
  std::string file = contents();
  file.resize(bytes);
  synced_ = std::move(file);
  unsynced_.clear();
}

}  // namespace fracas::sim
