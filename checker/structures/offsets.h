#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/history/history.h"

namespace fracas::checker {

// Numbers for the offsets of a log, by first use. Offsets are dense as a rule and are then looked up in one array; what
// lies far off goes into a table.
class Offsets {
 public:
  // The offset's number; as many as there were before where it is new.
  std::uint32_t of(std::int64_t offset);
  // kNone where there is no such offset.
  std::uint32_t find(std::int64_t offset) const;
  std::uint32_t count() const { return count_; }
  // All of them, upwards.
  struct Place {
    std::int64_t offset = 0;
    std::uint32_t number = 0;
  };
  std::vector<Place> ascending() const;

 private:
  std::vector<std::uint32_t> near_;  // by offset: its number + 1, or 0
  boost::unordered_flat_map<std::int64_t, std::uint32_t> far_;
  std::uint32_t count_ = 0;
};

}  // namespace fracas::checker
