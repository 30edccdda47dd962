#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace fracas::agent {

// What is due when: at most one moment a key. A value without a clock; time comes in as numbers.
class TimedQueue {
 public:
  // Replaces the key's moment.
  void set(const std::string& key, std::int64_t when_ns) {
    clear(key);
    by_key_.emplace(key, by_time_.emplace(when_ns, key));
  }

  void clear(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    by_time_.erase(found->second);
    by_key_.erase(found);
  }

  // The earliest moment.
  std::optional<std::int64_t> next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
  }

  // Takes out the key whose moment came first, of equal ones the one that was set first.
  std::optional<std::string> take_due(std::int64_t now_ns) {
    if (by_time_.empty() || by_time_.begin()->first > now_ns) return std::nullopt;
    std::string due = by_time_.begin()->second;
    clear(due);
    return due;
  }

 private:
  using ByTime = std::multimap<std::int64_t, std::string>;
  ByTime by_time_;
  std::map<std::string, ByTime::iterator> by_key_;
};

}  // namespace fracas::agent
