#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/model/abort_condition.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/proto_time.h"
#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

std::string path_of(int probe, std::string_view key) {
  return fmt::format("probe[{}].{}", probe, key);
}

bool measured_at(const ProbeSpec& probe, ProbeMoment moment) {
  return std::find(probe.when().begin(), probe.when().end(), moment) != probe.when().end();
}

class Probes {
 public:
  Probes(const Experiment& experiment, const Places& places, Mistakes& mistakes)
      : experiment_(experiment), places_(places), mistakes_(mistakes) {}

  void check() {
    std::set<std::string> names;
    for (index_ = 0; index_ < experiment_.probe_size(); ++index_) {
      const ProbeSpec& probe = experiment_.probe(index_);
      if (!names.insert(probe.name()).second)
        wrong("name", fmt::format("another probe is named \"{}\" already", probe.name()));
      moments(probe);
      place(probe);
      if (probe.has_workload()) workload(probe.workload());
      if (probe.has_http()) hosts("url", probe.http().url());
      if (probe.has_tcp()) hosts("address", probe.tcp().address());
      for (int i = 0; i < probe.command().command_size(); ++i)
        hosts(fmt::format("command[{}]", i), probe.command().command(i));
    }
  }

 private:
  void wrong(std::string_view key, const std::string& what) { mistakes_.add(places_.find(path_of(index_, key)), what); }

  void moments(const ProbeSpec& probe) {
    if (probe.when_size() == 0) wrong("when", "it is never measured: say when, or leave `when` out");
    const Duration timeout = from_proto(probe.timeout());
    const auto fits = [&](ProbeMoment moment, std::string_view phase, const google::protobuf::Duration& length) {
      const Duration needed = timeout + kProbeMargin;
      if (!measured_at(probe, moment) || from_proto(length) >= needed) return;
      wrong("when",
            fmt::format("phases.{} lasts {}, and this probe needs {}: its timeout and {}", phase,
                        format_duration(from_proto(length)), format_duration(needed), format_duration(kProbeMargin)));
    };
    fits(PROBE_MOMENT_BEFORE, "warmup", experiment_.phases().warmup());
    fits(PROBE_MOMENT_AFTER, "recover", experiment_.phases().recover());
  }

  void place(const ProbeSpec& probe) {
    const std::string& from = probe.from();
    if (probe.has_workload() && from != "controller") return wrong("from", "a workload probe looks at the clients");
    if (from == "controller" || from == "clients") return;
    if (experiment_.world().kind() == WORLD_KIND_FLEET)
      return wrong("from", "on a fleet a probe is measured from the controller: nothing of ours asks from its hosts");
    if (is_host(from, host_counts(experiment_))) return;
    wrong("from", fmt::format("\"{}\" is neither controller, clients nor a host", from));
  }

  void workload(const WorkloadProbe& probe) {
    if (probe.ok_rate_min() <= 0 && !probe.has_latency_max())
      wrong("kind", "a workload probe needs ok_rate_min or latency_max");
  }

  // "{n7}" must be a host of the world; other braces stay what they are.
  void hosts(std::string_view key, const std::string& text) {
    for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
      const std::string name = text.substr(at + 1, text.find('}', at) - at - 1);
      const HostCounts any{.nodes = 1000, .spares = 1000};
      if (!is_host(name, any) || is_host(name, host_counts(experiment_))) continue;
      wrong(key, fmt::format("there is no host \"{}\"", name));
    }
  }

  const Experiment& experiment_;
  const Places& places_;
  Mistakes& mistakes_;
  int index_ = 0;
};

void check_abort_probe(const Experiment& experiment, const std::string& name, const Place& place, Mistakes& mistakes) {
  std::vector<std::string> known;
  for (const ProbeSpec& probe : experiment.probe()) {
    known.push_back(probe.name());
    if (probe.name() != name) continue;
    if (measured_at(probe, PROBE_MOMENT_DURING) || measured_at(probe, PROBE_MOMENT_CONTINUOUS)) return;
    return mistakes.add(place,
                        fmt::format("probe \"{}\" is not measured while faults act: add \"during\" to its when", name));
  }
  mistakes.add(place, fmt::format("there is no probe \"{}\"{}", name, known.empty() ? "" : suggestion(name, known)));
}

void check_aborts(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.safety().abort_when_size(); ++i) {
    const Place& place = places.find(fmt::format("safety.abort_when[{}]", i));
    const auto condition = parse_abort_condition(experiment.safety().abort_when(i));
    if (!condition)
      mistakes.add(place, condition.error().message);
    else if (condition->what == AbortCondition::What::probe)
      check_abort_probe(experiment, condition->probe, place, mistakes);
  }
}

void check_control(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  if (experiment.has_control()) return;
  for (int i = 0; i < experiment.check_size(); ++i) {
    const AvailabilityCheck& check = experiment.check(i).availability();
    for (const auto& [key, asked] : {std::pair{"ok_rate_loss_max", check.ok_rate_loss_max() > 0},
                                     {"latency_p99_times_max", check.latency_p99_times_max() > 0}})
      if (asked)
        mistakes.add(places.find(fmt::format("check[{}].{}", i, key)),
                     fmt::format("{} needs a control arm to compare with: [control]", key));
  }
}

}  // namespace

void check_probes(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  Probes(experiment, places, mistakes).check();
  check_aborts(experiment, places, mistakes);
  check_control(experiment, places, mistakes);
}

}  // namespace fracas::model
