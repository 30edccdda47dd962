#include "controller/sim/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "controller/run/artefacts.h"
#include "controller/run/call_options.h"
#include "controller/run/conclude.h"
#include "controller/sim/sim_fault.h"
#include "controller/sim/sim_injector.h"
#include "controller/sim/sim_load.h"
#include "controller/sim/sim_target.h"
#include "controller/sim/sim_watch.h"
#include "controller/sim/sim_world.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

SimLoadOptions load_options(const model::Workload& workload, std::uint64_t seed) {
  return {.calls = generator_options(workload),
          .clients = workload.clients(),
          .rate = workload.rate(),
          .timeout = model::from_proto(workload.timeout()),
          .attempt_timeout = model::from_proto(workload.attempt_timeout()),
          .seed = seed,
          .near = near_groups(workload)};
}

// Warm-up, fault phase, recovery, final reads; the evidence of all of it. Where the run had to end before its time, its
// outcome and reason are in `record`.
Evidence play(const model::Experiment& experiment, const Timeline& timeline, SimWorld& world, RunRecord& record) {
  SimLoad load(world, load_options(experiment.workload(), timeline.seed));
  const Duration begin = world.scheduler().now();
  const Duration faults = begin + timeline.warmup;
  const Duration end = begin + timeline.total();
  record.phases = {.warmup_ns = world.now_ns(),
                   .faults_ns = SimWorld::kBeginNs + faults.count(),
                   .recover_ns = SimWorld::kBeginNs + (faults + timeline.faults).count(),
                   .end_ns = 0};
  SimInjector injector(experiment, timeline, world, faults);
  load.start();
  SimWatch watch({.experiment = experiment, .timeline = timeline, .world = world, .load = load, .injector = injector});
  const SimWatch::End ended = watch.pass(end);
  const bool to_the_end = ended == SimWatch::End::none;
  if (!to_the_end) {
    injector.heal();
    record.phases.faults_ns = std::min(record.phases.faults_ns, world.now_ns());
    record.phases.recover_ns = std::min(record.phases.recover_ns, world.now_ns());
  }
  load.stop();
  if (to_the_end) load.read_all(model::from_proto(experiment.workload().timeout()) * 3);
  record.phases.end_ns = world.now_ns();
  record.operations_shed = load.shed();
  if (ended == SimWatch::End::aborted) record.outcome = Outcome::aborted;
  if (ended == SimWatch::End::aborted || ended == SimWatch::End::refused) record.reason = watch.reason();
  Evidence evidence;
  evidence.probes = watch.take_probes();
  evidence.faults = injector.take_windows();
  evidence.history = load.take_history();
  for (std::size_t i = 0; i < world.cluster().size(); ++i)
    evidence.node_events.push_back(world.cluster().node(i).take_events());
  return evidence;
}

}  // namespace

Status can_simulate(const model::ExperimentFile& file) {
  const model::Experiment& experiment = file.experiment();
  if (!can_simulate_target(experiment))
    return failure(file.where("target.kind") + ": target " + model::kind_of(experiment.target()) +
                   " is not simulated: it needs real hosts");
  for (int i = 0; i < experiment.fault_size(); ++i) {
    const std::string refusal = sim_refusal(experiment.fault(i));
    if (!refusal.empty()) return failure(file.where(static_cast<std::size_t>(i)) + ": " + refusal);
  }
  for (int i = 0; i < experiment.probe_size(); ++i)
    if (!experiment.probe(i).has_workload())
      return failure(fmt::format("{}: a probe of kind {} needs a world of real hosts; one of the workload does not",
                                 file.where(fmt::format("probe[{}]", i)), model::kind_of(experiment.probe(i))));
  return {};
}

RunRecord simulate(const model::Experiment& experiment, const Timeline& timeline, SimCost* cost,
                   const std::vector<ControlRun>& control) {
  RunRecord record = begin_record(experiment, timeline);
  record.world = fmt::format("sim, {} hosts", timeline.hosts.size());
  record.kernel = "none: simulated";
  const std::clock_t began = std::clock();
  SimWorld world(experiment, timeline);
  if (auto started = world.start(); !started) {
    record.outcome = Outcome::could_not_run;
    record.reason = started.error().message;
    return record;
  }
  Evidence evidence = play(experiment, timeline, world, record);
  const std::clock_t played = std::clock();
  record.faults = evidence.faults;
  evidence.control = control;
  const Outcome outcome = record.outcome;
  const std::string reason = record.reason;
  judge_into(record, experiment, timeline, std::move(evidence));
  if (!reason.empty()) {
    record.outcome = outcome;
    record.reason = reason;
  }
  if (cost != nullptr)
    *cost = {.simulated = world.scheduler().now(),
             .actions = world.scheduler().actions(),
             .packets = world.network().packets(),
             .run_seconds = static_cast<double>(played - began) / CLOCKS_PER_SEC};
  return record;
}

RunRecord simulate_into(const std::filesystem::path& directory, const model::Experiment& experiment,
                        const Timeline& timeline, const std::vector<ControlRun>& control) {
  RunRecord record;
  Status kept = begin_artefacts(directory, experiment, timeline);
  if (kept) {
    record = simulate(experiment, timeline, nullptr, control);
    kept = write_evidence(directory, record);
  }
  if (kept) kept = finish_artefacts(directory, record);
  if (kept) return record;
  record.outcome = Outcome::could_not_run;
  record.reason = kept.error().message;
  return record;
}

}  // namespace fracas::controller
