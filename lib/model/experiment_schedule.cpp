#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/proto_time.h"
#include "lib/model/suggest.h"
#include "lib/model/trigger.h"

namespace fracas::model {
namespace {

std::string path_of(int fault, std::string_view key) {
  return fmt::format("fault[{}].{}", fault, key);
}

// The name a fault waits for, or "".
const std::string& reference_of(const FaultSpec& fault) {
  return fault.after().empty() ? fault.with() : fault.after();
}

// The fault whose start or end the event in `when` is, or "".
std::string awaited(const FaultSpec& fault) {
  if (!fault.has_when()) return {};
  const auto event = parse_run_event(fault.when().event());
  return event ? event->fault : std::string();
}

int index_of(const Experiment& experiment, const std::string& name) {
  for (int i = 0; i < experiment.fault_size(); ++i)
    if (experiment.fault(i).name() == name) return i;
  return -1;
}

bool check_names(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  std::map<std::string, int> seen;
  bool right = true;
  for (int i = 0; i < experiment.fault_size(); ++i) {
    const auto [first, fresh] = seen.emplace(experiment.fault(i).name(), i);
    if (fresh) continue;
    right = false;
    mistakes.add(places.find(path_of(i, "name")),
                 fmt::format("another fault, at {}, is named \"{}\" already",
                             places.find(path_of(first->second, "name")).text(), first->first));
  }
  return right;
}

const char* key_of_reference(const FaultSpec& fault) {
  if (fault.has_when()) return "when";
  return fault.after().empty() ? "with" : "after";
}

// Nobody knows beforehand when a fault with `when` starts.
bool check_known(const Experiment& experiment, int i, int other, const Places& places, Mistakes& mistakes) {
  const FaultSpec& fault = experiment.fault(i);
  if (fault.has_when() || !experiment.fault(other).has_when()) return true;
  const char* moment = fault.after().empty() ? "started" : "ended";
  mistakes.add(places.find(path_of(i, key_of_reference(fault))),
               fmt::format("fault \"{0}\" has when, so it is not known when it starts; write when = \"fault:{0}:{1}\"",
                           experiment.fault(other).name(), moment));
  return false;
}

bool check_reference(const Experiment& experiment, int i, const Places& places, Mistakes& mistakes) {
  const FaultSpec& fault = experiment.fault(i);
  if (!fault.after().empty() && !fault.with().empty()) {
    mistakes.add(places.find(path_of(i, "with")), "a fault has after or with, not both");
    return false;
  }
  if (fault.has_when() && (!reference_of(fault).empty() || fault.has_every())) {
    const char* key = fault.has_every() ? "every" : fault.after().empty() ? "with" : "after";
    mistakes.add(places.find(path_of(i, key)), fmt::format("a fault with when has no {}", key));
    return false;
  }
  const std::string name = fault.has_when() ? awaited(fault) : reference_of(fault);
  if (name.empty()) return true;
  const Place& place = places.find(path_of(i, key_of_reference(fault)));
  if (name == fault.name()) {
    mistakes.add(place, fmt::format("fault \"{}\" waits for itself", name));
    return false;
  }
  if (const int other = index_of(experiment, name); other >= 0)
    return check_known(experiment, i, other, places, mistakes);
  std::vector<std::string> names;
  for (const FaultSpec& other : experiment.fault())
    if (other.name() != fault.name()) names.push_back(other.name());
  mistakes.add(place, fmt::format("there is no other fault \"{}\"{}", name, suggestion(name, names)));
  return false;
}

bool check_cycles(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    std::string chain = experiment.fault(i).name();
    int at = i;
    for (int steps = 0; at >= 0 && steps < experiment.fault_size(); ++steps) {
      const FaultSpec& fault = experiment.fault(at);
      at = index_of(experiment, fault.has_when() ? awaited(fault) : reference_of(fault));
      if (at >= 0) chain += " -> " + experiment.fault(at).name();
      if (at != i) continue;
      mistakes.add(places.find(path_of(i, key_of_reference(experiment.fault(i)))),
                   fmt::format("the faults wait for each other: {}", chain));
      return false;
    }
  }
  return true;
}

// How long one occurrence is meant to last, where it does not last to the end of the phase.
std::optional<Duration> own_length(const FaultSpec& fault) {
  if (fault.has_for_()) return from_proto(fault.for_());
  if (fault.has_every() && fault.has_process_kill() && fault.process_kill().has_restart_after())
    return from_proto(fault.process_kill().restart_after());
  return std::nullopt;
}

void check_window(const Experiment& experiment, int i, const FirstWindow& window, const Places& places,
                  Mistakes& mistakes) {
  const FaultSpec& fault = experiment.fault(i);
  const Duration phase = from_proto(experiment.phases().faults());
  if (window.start >= phase) {
    const std::string_view key = fault.has_at() && fault.at().seconds() + fault.at().nanos() > 0 ? "at"
                                 : fault.with().empty()                                          ? "after"
                                                                                                 : "with";
    mistakes.add(places.find(path_of(i, key)),
                 fmt::format("fault \"{}\" starts at {}, but the fault phase lasts {}", fault.name(),
                             format_duration(window.start), format_duration(phase)));
  } else if (window.start + window.length > phase) {
    mistakes.add(places.find(path_of(i, fault.has_for_() ? "for" : "every")),
                 fmt::format("fault \"{}\" ends at {}, but the fault phase lasts {}", fault.name(),
                             format_duration(window.start + window.length), format_duration(phase)));
  }
  if (!fault.has_process_kill() || !fault.process_kill().has_restart_after()) return;
  const Duration restart = from_proto(fault.process_kill().restart_after());
  if (window.start < phase && restart > window.length)
    mistakes.add(places.find(path_of(i, "restart_after")),
                 fmt::format("restart_after {} is longer than the fault, which lasts {}", format_duration(restart),
                             format_duration(window.length)));
}

void check_every(const FaultSpec& fault, int i, const Places& places, Mistakes& mistakes) {
  if (!fault.has_every()) return;
  const auto length = own_length(fault);
  if (!length) {
    mistakes.add(places.find(path_of(i, "every")), fmt::format("a fault with every needs for{}: how long each lasts",
                                                               fault.has_process_kill() ? " or restart_after" : ""));
    return;
  }
  // Poisson gaps may be of any length; the planner keeps those occurrences apart.
  Duration shortest = Duration::max();
  if (fault.every().has_fixed()) shortest = from_proto(fault.every().fixed());
  if (fault.every().has_uniform()) shortest = from_proto(fault.every().uniform()) / 2;
  if (*length > shortest)
    mistakes.add(places.find(path_of(i, "every")),
                 fmt::format("each occurrence lasts {}, and the next may start {} after it started",
                             format_duration(*length), format_duration(shortest)));
}

}  // namespace

std::vector<FirstWindow> first_windows(const Experiment& experiment) {
  const Duration phase = from_proto(experiment.phases().faults());
  std::vector<FirstWindow> windows(static_cast<std::size_t>(experiment.fault_size()));
  std::vector<bool> known(windows.size());
  // References have no cycles, so each round settles at least one more.
  for (std::size_t round = 0; round < windows.size(); ++round) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const FaultSpec& fault = experiment.fault(static_cast<int>(i));
      const int other = index_of(experiment, reference_of(fault));
      if (known[i] || (other >= 0 && !known[static_cast<std::size_t>(other)])) continue;
      Duration start = from_proto(fault.at());
      if (other >= 0) {
        const FirstWindow& base = windows[static_cast<std::size_t>(other)];
        start += base.start + (fault.after().empty() ? Duration::zero() : base.length);
      }
      const Duration rest = std::max(Duration::zero(), phase - start);
      windows[i] = FirstWindow{.start = start, .length = own_length(fault).value_or(rest)};
      known[i] = true;
    }
  }
  return windows;
}

bool check_references(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  bool right = check_names(experiment, places, mistakes);
  for (int i = 0; i < experiment.fault_size(); ++i) right = check_reference(experiment, i, places, mistakes) && right;
  return right && check_cycles(experiment, places, mistakes);
}

void check_schedule(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const Phases& phases = experiment.phases();
  const Duration total = from_proto(phases.warmup()) + from_proto(phases.faults()) + from_proto(phases.recover()) +
                         from_proto(phases.quiet());
  const Duration most = from_proto(experiment.duration_max());
  if (total + kSetUpMargin > most)
    mistakes.add(places.find("duration_max"),
                 fmt::format("the phases last {}, which with {} to set up and tear down is more than duration_max, {}",
                             format_duration(total), format_duration(kSetUpMargin), format_duration(most)));
  const std::vector<FirstWindow> windows = first_windows(experiment);
  for (int i = 0; i < experiment.fault_size(); ++i) {
    check_window(experiment, i, windows[static_cast<std::size_t>(i)], places, mistakes);
    check_every(experiment.fault(i), i, places, mistakes);
  }
}

}  // namespace fracas::model
