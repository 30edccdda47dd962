#include "controller/run/runner.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "controller/run/artefacts.h"
#include "controller/run/call_options.h"
#include "controller/run/conclude.h"
#include "controller/run/injector.h"
#include "controller/run/judge.h"
#include "controller/run/lease_keeper.h"
#include "controller/run/live_watch.h"
#include "controller/run/lost_agents.h"
#include "controller/run/on_hosts.h"
#include "controller/run/probe_watch.h"
#include "controller/run/role_watch.h"
#include "controller/target/leader_watch.h"
#include "controller/target/target.h"
#include "controller/workload/load.h"
#include "controller/world/agent_client.h"
#include "controller/world/fleet.h"
#include "controller/world/lab.h"
#include "controller/world/lab_heal.h"
#include "controller/world/waiting.h"
#include "lib/base/log.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// A run on its way. Its steps are called in order; the first that fails ends it, and `clean_up` comes always.
class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        lost_(static_cast<std::size_t>(
            experiment().safety().agents_lost_max() * static_cast<double>(options.timeline.hosts.size()) + 1e-9)) {}

  RunRecord go();

 private:
  const model::Experiment& experiment() const { return options_.file.experiment(); }
  void describe();
  Status make_world();
  Status prepare();
  Status play();
  void phases(Injector& injector, Load& load);
  void conclude(const Status& played);
  void clean_up();
  LoadOptions load_options();
  Status measure_clocks();
  void note(const std::string& line);
  void enter(const std::string& phase, std::int64_t end_ns);
  void begin_live();
  void found(const std::string& sentence);
  bool lose(const std::string& host, const Error& error);
  Roles roles() const;
  ProbeWatchOptions probe_options();

  const RunOptions& options_;
  LostAgents lost_;
  RunRecord record_;
  std::unique_ptr<World> world_;
  std::map<std::string, std::int64_t> clock_offsets_ns_;
  std::unique_ptr<Target> target_;
  std::unique_ptr<LeaderWatch> leader_;
  std::unique_ptr<Recorder> recorder_;
  Happenings happenings_;
  std::unique_ptr<RoleWatch> role_watch_;  // only where faults ask for more than who leads
};

void Run::describe() {
  record_ = begin_record(experiment(), options_.timeline);
  const bool fleet = experiment().world().kind() == model::WORLD_KIND_FLEET;
  record_.world = fmt::format("{}, {} hosts", fleet ? "fleet" : "lab", options_.timeline.hosts.size());
  utsname kernel{};
  if (::uname(&kernel) == 0) record_.kernel = fmt::format("{} {}", kernel.sysname, kernel.release);
}

void Run::note(const std::string& line) {
  options_.progress.note(line);
  if (options_.live) options_.live->note(line);
}

void Run::enter(const std::string& phase, std::int64_t end_ns) {
  options_.progress.phase(phase, end_ns);
  if (options_.live) options_.live->phase(phase);
}

void Run::begin_live() {
  if (!options_.live) return;
  options_.live->begin({.run = options_.directory.filename().string(),
                        .name = experiment().name(),
                        .clients = experiment().workload().clients(),
                        .timeline = options_.timeline},
                       record_.phases.warmup_ns);
  options_.live->watch(*recorder_, options_.directory, [this] { return leader_->last(); });
}

Status Run::make_world() {
  if (experiment().world().kind() == model::WORLD_KIND_FLEET) {
    auto joined = Fleet::join(experiment().world(), options_.directory);
    if (!joined) return failure(std::move(joined).error().context("fleet"));
    world_ = std::move(*joined);
    note(fmt::format("{} agents answer", world_->hosts().size()));
    return {};
  }
  const LabHealing healed = heal_labs({});
  for (const std::string& line : healed.removed) note("removed what a killed run had left: " + line);
  LabOptions lab;
  lab.nodes = experiment().world().nodes();
  lab.spares = experiment().world().spares();
  lab.run_directory = options_.directory;
  auto made = Lab::create(lab);
  if (!made) return failure(std::move(made).error().context("lab"));
  note(fmt::format("lab {} is up: {}", (*made)->id(), fmt::join(options_.timeline.hosts, " ")));
  world_ = std::move(*made);
  return {};
}

// The world with the target running on it, ready for clients.
Status Run::prepare() {
  if (auto made = make_world(); !made) return made;
  if (auto measured = measure_clocks(); !measured) return measured;
  auto target = target_kind(experiment())
                    .start({.world = *world_,
                            .experiment = experiment(),
                            .seed = options_.timeline.seed,
                            .stopping = options_.abort.token()});
  if (!target) return failure(std::move(target).error());
  target_ = std::move(*target);
  leader_ = std::make_unique<LeaderWatch>([this] { return target_->ask_leader(); });
  if (follows_roles(experiment()))
    role_watch_ = std::make_unique<RoleWatch>(
        RoleWatchOptions{.nodes = model::node_names(model::host_counts(experiment())),
                         .events = options_.directory / "nodes",
                         .ask_leader = [this] { return target_->ask_leader(); },
                         .happened = [this](const Happening& happening) { happenings_.publish(happening); }});
  const std::string leader = leader_->last();
  note(fmt::format("{} nodes serve{}", model::host_counts(experiment()).nodes,
                   leader.empty() ? "" : fmt::format(", {} leads", leader)));
  auto recorder = Recorder::open(options_.directory / "history.jsonl");
  if (!recorder) return failure(std::move(recorder).error());
  recorder_ = std::move(*recorder);
  return {};
}

// How far each agent's clock is from ours; also proves that every agent answers before anything is started.
Status Run::measure_clocks() {
  const auto answers = on_hosts<AgentHello>(options_.timeline.hosts,
                                            [&](const std::string& host) { return world_->agent(host).hello(); });
  if (auto failed = first_failure(answers); !failed) return failed;
  for (const auto& [host, hello] : answers) {
    // Within the error of the measurement the clocks are the same, as they are in a lab: then nothing is corrected.
    const bool differs = std::abs(hello->clock_offset_ns) > hello->clock_uncertainty_ns;
    clock_offsets_ns_[host] = differs ? hello->clock_offset_ns : 0;
  }
  return {};
}

LoadOptions Run::load_options() {
  const model::Workload& workload = experiment().workload();
  LoadOptions load;
  load.calls = generator_options(workload);
  load.clients = workload.clients();
  load.rate = workload.rate();
  load.timeout = model::from_proto(workload.timeout());
  load.seed = options_.timeline.seed;
  load.enter = [this] { return world_->join_clients(); };
  load.client = target_->client_factory(model::from_proto(workload.attempt_timeout()));
  load.near = near_groups(workload);
  return load;
}

ProbeWatchOptions Run::probe_options() {
  const Timeline& timeline = options_.timeline;
  const bool ipv6 = experiment().world().addresses() == model::ADDRESS_FAMILY_IPV6;
  ProbeWatchOptions probes{.experiment = experiment(), .recorder = *recorder_, .abort = options_.abort};
  probes.lengths = {.before = timeline.warmup, .during = timeline.faults, .after = timeline.recover};
  probes.begin_ns = record_.phases.warmup_ns;
  for (const Host& host : world_->hosts()) probes.addresses[host.name] = ipv6 ? host.ipv6 : host.ipv4;
  probes.join = [this](const std::string& place) {
    return place == "clients" ? world_->join_clients() : world_->join_host(place);
  };
  probes.tell = [this](const std::string& line) { note(line); };
  return probes;
}

// The growing history is violated: what comes now cannot mend that.
void Run::found(const std::string& sentence) {
  note("violated: " + sentence);
  happenings_.publish({.event = {.kind = model::RunEventKind::first_violation, .fault = {}},
                       .time_ns = os::boot_now_ns(),
                       .detail = sentence});
  if (experiment().stop_on() == model::STOP_ON_VIOLATION) options_.abort.find(sentence);
}

// An agent is gone. False: too many are.
bool Run::lose(const std::string& host, const Error& error) {
  const bool goes_on = lost_.lose(host);
  world_->lose(host);
  if (!goes_on) {
    options_.abort.lose(fmt::format("the agent of {} is lost: {}", host, error.message));
    return false;
  }
  options_.progress.note(fmt::format("the agent of {} is lost, the run goes on: {}", host, error.message));
  return true;
}

// Asked now, unless they were followed anyway.
Roles Run::roles() const {
  Roles roles = role_watch_ ? role_watch_->roles() : Roles{};
  if (const std::string leader = target_->ask_leader(); !role_watch_ || !leader.empty()) roles.leader = leader;
  return roles;
}

// Warm-up, fault phase, recovery; an abort cuts each of them short.
void Run::phases(Injector& injector, Load& load) {
  const std::stop_token stopping = options_.abort.token();
  const PhaseTimes& times = record_.phases;
  enter("warm-up", times.faults_ns);
  if (sleep_until(times.faults_ns, stopping)) enter("faults", times.recover_ns);
  sleep_until(times.recover_ns, stopping);
  record_.faults = injector.finish();
  if (stopping.stop_requested() && options_.live) options_.live->phase("healed");
  record_.phases.recover_ns = std::min(times.recover_ns, os::boot_now_ns());
  if (!stopping.stop_requested()) enter("recovery", times.end_ns);
  sleep_until(times.end_ns, stopping);
  load.stop();
  sleep_until(os::boot_now_ns() + model::from_proto(experiment().phases().quiet()).count(), stopping);
  if (!stopping.stop_requested()) load.read_all(model::from_proto(experiment().workload().timeout()) * 3);
  record_.phases.end_ns = os::boot_now_ns();
}

Status Run::play() {
  if (auto prepared = prepare(); !prepared) return prepared;
  const Duration lease = model::from_proto(experiment().safety().lease());
  LeaseKeeper keeper(*world_, lease, [this](const std::string& host, const Error& error) { lose(host, error); });
  auto load = Load::start(load_options(), *recorder_);
  if (!load) return failure(std::move(load).error());
  const std::int64_t begin_ns = os::boot_now_ns();
  const Timeline& timeline = options_.timeline;
  record_.phases = {.warmup_ns = begin_ns,
                    .faults_ns = begin_ns + timeline.warmup.count(),
                    .recover_ns = begin_ns + (timeline.warmup + timeline.faults).count(),
                    .end_ns = begin_ns + timeline.total().count()};
  LiveWatch live(LiveCheck::of(experiment()), *recorder_, [this](const std::string& sentence) { found(sentence); });
  begin_live();
  options_.progress.watch(
      *recorder_, [this] { return leader_->last(); }, [&live] { return live.words(); });
  ProbeWatch probes(probe_options());
  {
    Injector injector({.experiment = experiment(),
                       .timeline = timeline,
                       .world = *world_,
                       .abort = options_.abort,
                       .lease = lease,
                       .faults_begin_ns = record_.phases.faults_ns,
                       .clock_offsets_ns = clock_offsets_ns_,
                       .roles = [this] { return roles(); },
                       .happenings = happenings_,
                       .lose = [this](const std::string& host, const Error& error) { return lose(host, error); },
                       .is_lost = [this](const std::string& host) { return lost_.has(host); },
                       .tell =
                           [this](const model::FaultWindow& window, FaultMoment moment) {
                             options_.progress.fault(window, moment);
                             if (options_.live) options_.live->fault(window, moment);
                           }});
    phases(injector, **load);
  }
  record_.probes = probes.finish();
  options_.progress.unwatch();
  if (options_.live) options_.live->unwatch();
  record_.operations_shed = (*load)->shed();
  return recorder_->status();
}

// What the run showed, once everything is healed and the nodes are stopped.
void Run::conclude(const Status& played) {
  Evidence evidence;
  if (recorder_) evidence.history = recorder_->take();
  evidence.faults = record_.faults;
  evidence.probes = std::move(record_.probes);
  evidence.control = options_.control;
  if (auto events = read_node_events(options_.directory)) {
    evidence.node_events = std::move(*events);
  } else {
    log::warning("{}", events.error().message);
  }
  if (!played) {
    record_.outcome = options_.abort.cause() == Abort::Cause::asked ? Outcome::aborted : Outcome::could_not_run;
    record_.reason = played.error().message;
    return keep_evidence(record_, std::move(evidence));
  }
  note("checking");
  judge_into(record_, experiment(), options_.timeline, std::move(evidence));
  if (!options_.abort.happened()) return;
  const bool found = options_.abort.cause() == Abort::Cause::found;
  if (found && record_.outcome == Outcome::violated) return;
  const bool refused = options_.abort.cause() == Abort::Cause::refused;
  record_.outcome = found ? Outcome::violated : refused ? Outcome::could_not_run : Outcome::aborted;
  record_.reason = options_.abort.reason();
}

void Run::clean_up() {
  role_watch_.reset();
  leader_.reset();
  target_.reset();
  if (!world_) return;
  record_.leftovers = world_->tear_down();
  world_.reset();
}

RunRecord Run::go() {
  describe();
  if (auto begun = begin_artefacts(options_.directory, experiment(), options_.timeline); !begun) {
    record_.reason = begun.error().message;
    return std::move(record_);
  }
  const Status played = play();
  clean_up();
  if (!options_.abort.hurried()) conclude(played);
  if (options_.abort.hurried()) {
    record_.outcome = Outcome::aborted;
    record_.reason = options_.abort.reason();
  }
  if (!record_.leftovers.empty()) {
    record_.outcome = Outcome::cleanup_failed;
    record_.reason = "left behind: " + record_.leftovers.front();
  }
  if (options_.abort.hurried()) return std::move(record_);
  if (auto written = finish_artefacts(options_.directory, record_); !written) {
    record_.outcome = Outcome::could_not_run;
    record_.reason = written.error().message;
  }
  return std::move(record_);
}

}  // namespace

RunRecord run_experiment(const RunOptions& options) {
  return Run(options).go();
}

}  // namespace fracas::controller
