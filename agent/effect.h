#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/effect.h"

namespace fracas::agent {

// When a fault acts, in CLOCK_BOOTTIME nanoseconds of this host: [start, end).
struct Window {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

// One prepared fault on this host. It is built inactive, acts inside its window while the lease lasts, and is gone
// completely after `revert` or destruction. Thread: calls on one effect are made one at a time.
class Effect {
 public:
  Effect() = default;
  Effect(const Effect&) = delete;
  Effect& operator=(const Effect&) = delete;
  virtual ~Effect() = default;

  // What does it: "tcx", "tap line", "freezer", …
  virtual std::string mechanism() const = 0;
  // Sets the window; may be called again to move its end. ERRORS: the effect stays as it was.
  virtual Status arm(const Window& window) = 0;
  // The agent's lease now ends then: from that moment on the effect must not act, agent alive or not.
  virtual void renew(std::int64_t lease_end_ns) = 0;
  virtual model::EffectCounters counters() const = 0;
  // Those it has acted on, of a fault that chooses its processes itself: "etcd 4711".
  virtual std::vector<std::string> processes() const { return {}; }
  // Idempotent. ERRORS: what could not be undone; calling again tries again.
  virtual Status revert() = 0;

  // An effect that the kernel does not time by itself is driven by the agent: see agent/timed_effect.h.
  virtual std::optional<std::int64_t> next_ns() const { return std::nullopt; }
  virtual Status tick(std::int64_t /*now_ns*/) { return {}; }
};

}  // namespace fracas::agent
