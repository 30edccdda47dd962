#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "agent/bpf/net_program.h"
#include "agent/line/delay_line.h"
#include "agent/line/netem_detour.h"
#include "lib/base/result.h"
#include "lib/os/netns.h"

namespace fracas::agent {

// Where the rules that hold or break packets send them: to a delay line, which is nearer to the times asked for than
// the kernel's own netem (docs/benchmarks.md), keeps a flow in order and breaks frames; a rate below 1 Gbit/s and
// corruption to one that takes frames as they are on a wire. Where no line can be made, a constant delay goes to netem,
// if the kernel has it, which is asked for less by as much as it is late at least. Thread: one at a time, except
// `drain`.
class NetDetours {
 public:
  // All borrowed, and must stay.
  NetDetours(NetProgram& program, const os::NetNamespace& netns, const bool& allow_tcx)
      : program_(program), netns_(netns), allow_tcx_(allow_tcx) {}

  // Makes the detour and writes it into the rule. ERRORS: what the host lacks for the delay line, if netem cannot
  // serve instead.
  Status add(unsigned rule, const LineRule& how);
  // "netem" or "tap-line"; empty if the rule has no detour.
  std::string_view mechanism(unsigned rule) const;
  // `classified` with what the detour has counted.
  model::EffectCounters add_counts(unsigned rule, model::EffectCounters classified) const;
  // REQUIRES: the rule's window is over. Waits until its packets are out. A rule without a detour is drained.
  Status drain(unsigned rule);
  // Removes it; what it still holds is lost with netem and sent at once by the line. One that has none is no error.
  void remove(unsigned rule);
  void clear();

 private:
  // One delay line and the rules on it.
  struct Line {
    fracas_detour detour;
    std::array<bool, FRACAS_NET_RULES> rules{};
    std::unique_ptr<DelayLine> line{};  // while a rule is on it
  };

  bool try_netem(unsigned rule, const LineRule& how);
  Status open(Line& line);
  const Line* line_of(unsigned rule) const;

  NetProgram& program_;
  const os::NetNamespace& netns_;
  const bool& allow_tcx_;
  std::optional<Result<Duration>> netem_lateness_;  // from the first try; an error where the kernel has no netem
  std::array<std::unique_ptr<NetemDetour>, FRACAS_NET_RULES> netem_;
  std::array<Line, 2> lines_{Line{FRACAS_DETOUR_LINE}, Line{FRACAS_DETOUR_FRAMES}};
  std::unique_ptr<Heartbeat> heartbeat_;  // while a rule is on netem
};

}  // namespace fracas::agent
