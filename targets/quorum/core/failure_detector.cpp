#include "targets/quorum/core/failure_detector.h"

#include <algorithm>

namespace fracas::quorum {
namespace {

constexpr std::size_t kGapsMax = 100;
constexpr double kLogOfE = 0.4342944819032518;

}  // namespace

void FailureDetector::heard(Member member, std::int64_t now_ns) {
  Heard& heard = members_[member];
  if (heard.last_ns >= 0) {
    // A silence that was already suspicious says nothing of the gaps between signs of life.
    const std::int64_t gap = now_ns - heard.last_ns;
    if (phi(member, now_ns) < phi_max_) {
      heard.gaps_ns.push_back(gap);
      heard.sum_ns += gap;
    }
    if (heard.gaps_ns.size() > kGapsMax) {
      heard.sum_ns -= heard.gaps_ns.front();
      heard.gaps_ns.pop_front();
    }
  }
  heard.last_ns = now_ns;
}

double FailureDetector::phi(Member member, std::int64_t now_ns) const {
  const Heard& heard = members_[member];
  const auto count = static_cast<std::int64_t>(heard.gaps_ns.size());
  const std::int64_t mean_ns = std::max(gap_ns_, count > 0 ? heard.sum_ns / count : 0);
  const std::int64_t silence_ns = now_ns - std::max(begun_ns_, heard.last_ns);
  return kLogOfE * static_cast<double>(silence_ns) / static_cast<double>(mean_ns);
}

}  // namespace fracas::quorum
