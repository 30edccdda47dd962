#include "targets/quorum/core/failure_detector.h"

#include <algorithm>

namespace fracas::quorum {
namespace {

constexpr std::int64_t kGapsMax = 100;
constexpr double kLogOfE = 0.4342944819032518;

}  // namespace

void FailureDetector::heard(Member member, std::int64_t now_ns) {
  Heard& heard = members_[member];
  // A silence that was already suspicious says nothing of the gaps between signs of life.
  if (heard.last_ns >= 0 && phi(member, now_ns) < phi_max_) {
    heard.gaps = std::min(heard.gaps + 1, kGapsMax);
    heard.mean_gap_ns += (now_ns - heard.last_ns - heard.mean_gap_ns) / heard.gaps;
  }
  heard.last_ns = now_ns;
}

double FailureDetector::phi(Member member, std::int64_t now_ns) const {
  const Heard& heard = members_[member];
  const std::int64_t mean_ns = std::max(gap_ns_, heard.mean_gap_ns);
  const std::int64_t silence_ns = now_ns - std::max(begun_ns_, heard.last_ns);
  return kLogOfE * static_cast<double>(silence_ns) / static_cast<double>(mean_ns);
}

}  // namespace fracas::quorum
