#pragma once
#include <cstdint>
#include <vector>

namespace fracas::controller {

// The keys in use: each serves so many operations, then the next fresh one takes its place. Keys are numbered from 0.
class ActiveKeys {
 public:
  struct Key {
    std::uint32_t number = 0;
    std::uint32_t operations = 0;  // up to now, this one included
    std::int64_t last_value = 0;   // of what was written to it
  };

  // REQUIRES: count > 0, operations_max > 0.
  ActiveKeys(std::uint32_t count, std::uint32_t operations_max) : operations_max_(operations_max) {
    for (std::uint32_t i = 0; i < count; ++i) keys_.push_back({.number = next_++});
  }

  std::size_t size() const { return keys_.size(); }
  // The key in place `i`, for one more operation.
  Key& use(std::size_t i) {
    if (keys_[i].operations == operations_max_) keys_[i] = {.number = next_++};
    ++keys_[i].operations;
    return keys_[i];
  }
  const std::vector<Key>& in_use() const { return keys_; }
  // How many there were in all.
  std::uint32_t numbered() const { return next_; }

 private:
  std::uint32_t operations_max_;
  std::uint32_t next_ = 0;
  std::vector<Key> keys_;
};

}  // namespace fracas::controller
