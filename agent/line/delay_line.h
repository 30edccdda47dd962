#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "agent/faults/net.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/os/netns.h"

namespace fracas::agent {

// What happens to the packets of one rule.
struct LineRule {
  Duration delay{};   // how long they are held …
  Duration jitter{};  // … give or take this; <= delay
  NetSpread spread{};
  double correlation = 0;        // of one packet's jitter with the next one's, in [0, 1)
  bool reorder = false;          // packets of one flow may overtake each other
  std::uint64_t rate_bytes = 0;  // bytes a second each way, instead of a delay; 0: as many as come
  bool corrupt = false;          // one bit of each packet is another one
  std::uint64_t seed = 0;
};

// The longest a packet waits for its turn at a rate; what comes while the queue is longer is lost.
inline constexpr Duration kRateQueue = std::chrono::milliseconds(500);

// Holds packets in user space. The classifier redirects a packet that leaves or arrives, behind a fracas_held header,
// to the line's TAP device; one thread keeps it until arrival + delay and sends it out of the interface it was leaving
// by, or came by, with a mark that lets it pass the rule; the classifier there sends on what was arriving to where it
// was going. The thread runs with real-time priority where that is allowed, which is what keeps the times true on a
// busy host.
//
// The device exists as long as the line. The kernel removes it when the agent dies; the packets held are lost then, and
// later ones pass undelayed because nobody moves the time until which the detour counts as alive.
// Thread: any.
class DelayLine {
 public:
  struct Options {
    // Moved on by the line's thread: the classifier sends packets here until that CLOCK_BOOTTIME. Called there only.
    std::function<void(std::int64_t alive_end_ns)> keep_alive;
    // Frames are taken as they would be on a wire: the kernel cuts large segments and finishes checksums before.
    // Otherwise large segments are held whole, which is cheaper by far.
    bool as_on_wire = false;
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
  // ERRORS: some are held a second longer than the rule can ask for; it stays then.
  Status drain(unsigned rule);
  // `affected`: packets held and sent on, or lost because the queue of a rate was full.
  model::EffectCounters counts(unsigned rule) const;
  // Packets lost because too many bytes were held or the interface refused them.
  std::uint64_t dropped(unsigned rule) const;

 private:
  struct Thread;
  explicit DelayLine(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace fracas::agent
