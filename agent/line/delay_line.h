#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/os/netns.h"

namespace fracas::agent {

// How long packets of one rule are held.
struct LineRule {
  Duration delay{};
  Duration jitter{};  // uniform, <= delay
  std::uint64_t seed = 0;
};

// Holds packets in user space, for kernels without sch_netem. The classifier redirects a packet that leaves, behind a
// fracas_held header, to the line's TAP device; one thread keeps it until arrival + delay and sends it out of the
// interface it was leaving by, unchanged, with a mark that lets it pass the rule. Packets of one flow keep their order.
// The thread runs with real-time priority where that is allowed, which is what keeps the times true on a busy host.
//
// The device exists as long as the line. The kernel removes it when the agent dies; the packets held are lost then, and
// later ones pass undelayed because nobody moves the time until which the detour counts as alive.
// Thread: any.
class DelayLine {
 public:
  struct Options {
    // Moved on by the line's thread: the classifier sends packets here until that CLOCK_BOOTTIME. Called there only.
    std::function<void(std::int64_t alive_end_ns)> keep_alive;
    std::uint64_t bytes_held_max = std::uint64_t{256} << 20;  // what exceeds it is dropped and counted
  };

  // REQUIRES: CAP_NET_ADMIN and CAP_NET_RAW in `netns`, /dev/net/tun. ERRORS: which of them is missing.
  static Result<std::unique_ptr<DelayLine>> open(const os::NetNamespace& netns, Options options);
  // Sends what is still held at once.
  ~DelayLine();

  // The device to redirect to.
  int ifindex() const;

  // From now on packets of `rule` (below 64) are held so; its counters begin at zero.
  void add(unsigned rule, const LineRule& how);
  // REQUIRES: the classifier redirects no more packets of the rule. Returns when all that were on their way are out.
  // ERRORS: some are held longer than delay + jitter + 1 s; the rule stays then.
  Status drain(unsigned rule);
  // `affected`: packets held and sent on.
  model::EffectCounters counts(unsigned rule) const;
  // Packets lost because too many bytes were held or the interface refused them.
  std::uint64_t dropped(unsigned rule) const;

 private:
  struct Thread;
  explicit DelayLine(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace fracas::agent
