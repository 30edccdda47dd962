#pragma once
#include <cstdint>
#include <vector>

#include "targets/quorum/core/ids.h"

namespace fracas::quorum {

// Says how suspicious a member's silence is, from how often it was heard before: phi 1 is wrong one time in ten, phi 8
// one in 10^8, if the gaps between signs of life are distributed exponentially. Source: Hayashibara et al., "The phi
// Accrual Failure Detector", SRDS 2004; the exponential form: Lakshman and Malik, "Cassandra", 2010, section 5.3.
class FailureDetector {
 public:
  // `gap_ns`: what is expected between signs of life before any were heard, and the least that is believed.
  FailureDetector(std::size_t members, std::int64_t gap_ns, double phi_max)
      : gap_ns_(gap_ns), phi_max_(phi_max), members_(members) {}

  // Nobody is suspicious before it had time to be heard since this moment.
  void begin(std::int64_t now_ns) { begun_ns_ = now_ns; }
  void heard(Member member, std::int64_t now_ns);
  double phi(Member member, std::int64_t now_ns) const;
  bool alive(Member member, std::int64_t now_ns) const { return phi(member, now_ns) < phi_max_; }

 private:
  struct Heard {
    std::int64_t last_ns = -1;  // never
    std::int64_t mean_gap_ns = 0;
    std::int64_t gaps = 0;  // how many the mean is of; later ones replace a hundredth of it
  };
  std::int64_t gap_ns_;
  std::int64_t begun_ns_ = 0;
  double phi_max_;
  std::vector<Heard> members_;
};

}  // namespace fracas::quorum
