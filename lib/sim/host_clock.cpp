#include "lib/sim/host_clock.h"

#include <algorithm>

namespace fracas::sim {

Duration HostClock::wrong(Duration now) const {
  if (!error_) return now;
  const Duration elapsed = now - error_->since;
  Duration read = now + error_->offset +
                  Duration(static_cast<Duration::rep>(static_cast<double>(elapsed.count()) * error_->drift_ppm / 1e6));
  if (error_->strobe) {
    const bool second = elapsed / error_->strobe->period % 2 == 1;
    read += second ? error_->strobe->second : error_->strobe->first;
  }
  return read;
}

Duration HostClock::read(Duration now) {
  Duration read = wrong(now);
  if (monotonic_) read = std::max(read, last_read_ + (now - last_true_) / 8);
  last_true_ = now;
  last_read_ = read;
  return read;
}

}  // namespace fracas::sim
