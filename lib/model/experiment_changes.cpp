#include <fmt/format.h>

#include <algorithm>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/proto_time.h"
#include "lib/model/ramp.h"
#include "lib/model/trigger.h"

namespace fracas::model {
namespace {

// A step that ends before the next one is prepared needs no second place on its host.
constexpr Duration kStepLeast = std::chrono::milliseconds(100);

// The shortest time between two pulses: packets are left alone at once, a service that is restarted or traced takes a
// while to be as before.
Duration gap_least(const std::string& kind) {
  if (kind.starts_with("net.")) return std::chrono::milliseconds(10);
  if (kind.starts_with("disk.") || kind.starts_with("syscall.")) return std::chrono::seconds(1);
  return std::chrono::milliseconds(300);
}

class Changes {
 public:
  Changes(const Experiment& experiment, const Places& places, Mistakes& mistakes)
      : experiment_(experiment), places_(places), mistakes_(mistakes) {}

  void check() {
    const std::vector<FirstWindow> windows = first_windows(experiment_);
    for (index_ = 0; index_ < experiment_.fault_size(); ++index_) {
      const FaultSpec& fault = experiment_.fault(index_);
      if (fault.has_when()) trigger(fault);
      if (fault.has_ramp() && fault.has_pulse()) wrong("pulse", "a fault has a ramp or a pulse, not both");
      if (fault.has_ramp()) ramp(fault, windows[static_cast<std::size_t>(index_)].length);
      if (fault.has_pulse()) pulse(fault);
    }
  }

 private:
  void wrong(std::string_view key, const std::string& what) {
    mistakes_.add(places_.find(fmt::format("fault[{}].{}", index_, key)), what);
  }

  bool has_linearizable() const {
    return std::any_of(experiment_.check().begin(), experiment_.check().end(),
                       [](const CheckSpec& check) { return check.has_linearizable(); });
  }

  void event(const FaultSpec& fault) {
    const auto parsed = parse_run_event(fault.when().event());
    if (!parsed) return wrong("when", parsed.error().message);
    const bool leader = parsed->kind == RunEventKind::leader_elected || parsed->kind == RunEventKind::leader_lost;
    if (leader && !has_leader(experiment_.target()))
      wrong("when", fmt::format("\"{}\" needs a target that has a leader; {} has none", fault.when().event(),
                                kind_of(experiment_.target())));
    if (parsed->kind == RunEventKind::role_changed && !experiment_.target().has_raft())
      wrong("when", fmt::format("\"role-changed\" needs target raft, whose nodes say their roles; {} does not",
                                kind_of(experiment_.target())));
    if (parsed->kind != RunEventKind::first_violation) return;
    if (!has_linearizable()) wrong("when", "\"first-violation\" needs a check linearizable: no other looks meanwhile");
    if (experiment_.stop_on() == STOP_ON_VIOLATION) wrong("when", "stop_on = \"violation\" ends the run at that event");
  }

  void trigger(const FaultSpec& fault) {
    event(fault);
    if (!fault.has_for_()) return wrong("when", "a fault with when needs for: how long it lasts");
    const Duration phase = from_proto(experiment_.phases().faults());
    const Duration latest = from_proto(fault.at()) + from_proto(fault.when().within()) +
                            from_proto(fault.when().delay()) + from_proto(fault.for_());
    if (latest > phase)
      wrong("when", fmt::format("at, within, delay and for are {} together, but the fault phase lasts {}",
                                format_duration(latest), format_duration(phase)));
  }

  void pulse(const FaultSpec& fault) {
    const std::string kind = kind_of(fault);
    if (!can_pulse(fault)) return wrong("pulse", kind + " is done at one moment; repeat it with every");
    if (from_proto(fault.pulse().off()) < gap_least(kind))
      wrong("pulse", fmt::format("{} needs off to be {} at least: it is undone and prepared anew in that time", kind,
                                 format_duration(gap_least(kind))));
  }

  void ramp(const FaultSpec& fault, Duration length) {
    const std::uint32_t steps = fault.ramp().steps();
    for (const std::uint32_t step : {0U, steps - 1}) {
      FaultSpec copy = fault;
      const auto applied = apply_ramp_step(copy, step);
      if (!applied) return wrong("ramp", applied.error().message);
      if (copy.has_net_delay() && from_proto(copy.net_delay().jitter()) > from_proto(copy.net_delay().delay()))
        return wrong("ramp", fmt::format("with {} jitter is more than delay", *applied));
    }
    if (length / steps < kStepLeast)
      wrong("ramp", fmt::format("{} steps in {} are shorter than {} each", steps, format_duration(length),
                                format_duration(kStepLeast)));
  }

  const Experiment& experiment_;
  const Places& places_;
  Mistakes& mistakes_;
  int index_ = 0;
};

}  // namespace

void check_changes(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  Changes(experiment, places, mistakes).check();
}

}  // namespace fracas::model
