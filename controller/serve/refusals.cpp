#include "controller/serve/refusals.h"

namespace fracas::controller {

Refusals::Decision Refusals::count(const std::string& address, std::int64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  // Somebody with very many addresses shares the windows of all.
  const std::string key = windows_.size() < kAddressesMax || windows_.contains(address) ? address : "";
  Window& window = windows_[key];
  Decision decision;
  if (window.refused == 0 || now_ns - window.begin_ns > kWindowNs) {
    if (window.refused > kLoggedMax) decision.unlogged = window.refused - kLoggedMax;
    window = {.begin_ns = now_ns, .refused = 0};
  }
  ++window.refused;
  decision.log = window.refused <= kLoggedMax;
  decision.limited = !decision.log;
  return decision;
}

}  // namespace fracas::controller
