#include "controller/engine/distribute.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kLookForStopNs = 200'000'000;

class Distribution {
 public:
  Distribution(Engine& engine, const DistributeOptions& options)
      : engine_(engine), options_(options), tries_(options.shares, 1) {}

  Result<Distributed> go() {
    std::vector<unsigned> all(options_.shares);
    std::iota(all.begin(), all.end(), 0U);
    Status status = engine_.submit(all);
    running_ = options_.shares;
    std::int64_t heard_ns = os::boot_now_ns();
    while (status && running_ > 0 && !enough() && pause()) {
      auto ended = engine_.ended();
      const std::int64_t now_ns = os::boot_now_ns();
      if (ended) {
        heard_ns = now_ns;
        status = take_in(std::move(*ended));
      } else if (now_ns - heard_ns > options_.silence_max.count()) {
        status = failure(std::move(ended).error());
      }
    }
    auto cleared = engine_.clear();
    if (!status) return failure(std::move(status).error());
    if (!cleared) options_.say("what ran may be left there: " + cleared.error().message);
    return std::move(result_);
  }

 private:
  bool enough() const { return result_.findings.violations.size() >= options_.violations_max; }

  // False: it was stopped meanwhile.
  bool pause() const {
    const std::int64_t until_ns = os::boot_now_ns() + options_.ask_every.count();
    while (!options_.stop()) {
      if (os::boot_now_ns() >= until_ns) return true;
      os::sleep_until_boot_ns(std::min(until_ns, os::boot_now_ns() + kLookForStopNs));
    }
    return false;
  }

  Status take_in(std::vector<TaskEnd> ended) {
    std::vector<unsigned> again;
    for (TaskEnd& end : ended) {
      if (end.findings) {
        --running_;
        ++result_.shares_done;
        merge(result_.findings, *std::move(end.findings));
      } else if (tries_[end.share] < options_.tries_max) {
        ++tries_[end.share];
        options_.say(fmt::format("share {} was lost and runs again: {}", end.share, end.why));
        again.push_back(end.share);
      } else {
        --running_;
        options_.say(fmt::format("share {} is given up after {} tries: {}", end.share, tries_[end.share], end.why));
        result_.lost.push_back(end.share);
      }
    }
    return again.empty() || enough() ? Status() : engine_.submit(again);
  }

  Engine& engine_;
  const DistributeOptions& options_;
  std::vector<unsigned> tries_;  // by share
  unsigned running_ = 0;
  Distributed result_;
};

}  // namespace

Result<Distributed> distribute(Engine& engine, const DistributeOptions& options) {
  return Distribution(engine, options).go();
}

}  // namespace fracas::controller
