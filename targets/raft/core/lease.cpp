// How long a leader may answer reads without asking anybody. Source: dissertation, section 6.4.1.
#include "targets/raft/core/raft.h"

namespace fracas::raft {

// Whoever answered a round heard from this leader after it began, and helps nobody else to be elected for the least
// election timeout, by its own clock. If that runs fast and ours runs slow, it is over sooner than we count.
Duration Raft::lease_length() const {
  if (options_.bugs.lease_ignores_drift) return options_.election_timeout;
  const double safe = (1 - options_.clock_drift_max) / (1 + options_.clock_drift_max);
  return Duration(static_cast<Duration::rep>(static_cast<double>(options_.election_timeout.count()) * safe));
}

void Raft::begin_lease_round() {
  if (options_.reads == ReadMode::lease && !lease_forsaken_) rounds_.push_back({round_, now_});
}

// A majority answered everything up to round `confirmed_`.
void Raft::renew_lease() {
  while (!rounds_.empty() && rounds_.front().number <= confirmed_) {
    lease_until_ = rounds_.front().begun + lease_length();
    rounds_.pop_front();
  }
}

void Raft::drop_lease() {
  rounds_.clear();
  lease_until_ = Duration::min();
}

// Whom this member heard before it was restarted is forgotten, so right after it every leader may hold a lease that
// counts on its loyalty.
bool Raft::may_have_promised() const {
  return options_.reads == ReadMode::lease && ticked_ && now_ - begun_at_ < options_.election_timeout;
}

}  // namespace fracas::raft
