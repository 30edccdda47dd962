#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/random.h"

namespace fracas::sim {

// One file that is only appended to and now and then replaced as a whole, on a disk that loses what was not synced
// when the power fails. Keeps bytes, not promises: what a reader finds after a crash is what a real one would.
class Disk {
 public:
  // Written, but only the page cache has it.
  void append(std::string bytes) { unsynced_.push_back({std::move(bytes), false}); }
  // A new file written beside the old one and renamed over it. Lost with the power until synced, like an append.
  void replace(std::string bytes) { unsynced_.push_back({std::move(bytes), true}); }
  // The first `writes` unsynced writes are safe from now on.
  void sync(std::size_t writes);
  std::size_t unsynced() const { return unsynced_.size(); }

  struct Loss {
    std::size_t writes = 0;  // of which anything was lost
    std::size_t bytes = 0;
  };
  // The power fails: unsynced writes are lost, or a number of them survive, drawn from `random`, as the kernel may have
  // written some back; with `torn` a part of the first lost one survives too.
  Loss lose_power(RandomStream& random, bool torn);

  // What a process that opens the file now reads: the page cache, as long as the power was on.
  std::string contents() const;
  // Cuts the file, or fills it up with zeros, and syncs it.
  void truncate(std::size_t bytes);

 private:
  struct Write {
    std::string bytes;
    bool replaces = false;
  };
  static void apply(std::string& file, const Write& write);

  std::string synced_;
  std::vector<Write> unsynced_;
};

}  // namespace fracas::sim
