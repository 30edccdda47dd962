#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/model/history.h"

namespace fracas::controller {

// The operations of a growing history, summed up for who watches. Pure. Thread: one at a time.
class LiveOperations {
 public:
  static constexpr std::size_t kSamplesMax = 200;  // in one line

  // Times are told since `origin_ns`.
  explicit LiveOperations(std::int64_t origin_ns) : origin_ns_(origin_ns) {}

  void follow(std::span<const model::Event> events);
  std::size_t events() const { return events_; }  // followed so far

  // The `ops` line of what completed since the last call: counts, quantiles of the latency of those that were answered,
  // and an even sample of all. Then it begins anew.
  std::string take_line(std::int64_t now_ns);

 private:
  struct Completed {
    double end_ms;
    double latency_ms;
    int outcome;  // 0 ok (a cas that did not match, too), 1 fail, 2 info
  };
  std::int64_t origin_ns_;
  std::size_t events_ = 0;
  std::unordered_map<std::string, std::int64_t> open_;  // by process: when its operation was invoked
  std::vector<Completed> completed_;                    // since the last line
};

}  // namespace fracas::controller
