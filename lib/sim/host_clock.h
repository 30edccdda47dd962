#pragma once
#include <optional>

#include "lib/base/quantity.h"

namespace fracas::sim {

// A clock that goes wrong. Reads true time plus an error that is made of an offset, a drift and a strobe. With
// `monotonic` it never steps back, but runs at an eighth of its speed where it would.
class HostClock {
 public:
  struct Strobe {
    Duration first{};
    Duration second{};
    Duration period{};
  };
  struct Error {
    Duration since{};  // when the fault began
    Duration offset{};
    double drift_ppm = 0;  // from `since` on
    std::optional<Strobe> strobe{};
  };

  explicit HostClock(bool monotonic) : monotonic_(monotonic) {}

  // Called with `now` never going back.
  Duration read(Duration now);
  // From now on; nothing = the true time again.
  void set(std::optional<Error> error) { error_ = error; }
  // How fast it runs by its drift: 1 is right.
  double speed() const { return error_ ? 1 + error_->drift_ppm / 1e6 : 1; }

 private:
  Duration wrong(Duration now) const;

  bool monotonic_;
  std::optional<Error> error_;
  Duration last_true_{};
  Duration last_read_{};
};

}  // namespace fracas::sim
