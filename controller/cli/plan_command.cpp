#include <fmt/format.h>

#include "controller/cli/commands.h"
#include "controller/plan/timeline.h"
#include "controller/plan/timeline_json.h"
#include "controller/reading/reading.h"
#include "controller/target/target.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/json_schema.h"

namespace fracas::controller {
namespace {

void print_timeline(const model::ExperimentFile& file, const Timeline& timeline) {
  const auto moment = [](Duration at) { return fmt::format("{:>9.3f}s", static_cast<double>(at.count()) / 1e9); };
  fmt::print("{}, seed {}: {} hosts, {} in all\n\n", file.experiment().name(), timeline.seed, timeline.hosts.size(),
             describe_duration(timeline.total()));
  fmt::print("{}  warm-up\n", moment(Duration::zero()));
  fmt::print("{}  fault phase\n", moment(timeline.warmup));
  for (const PlannedFault& fault : timeline.planned)
    fmt::print("{}  {:<18} {:<14} for {:<8} {}{}{}\n", moment(timeline.warmup + fault.start), fault.id, fault.kind,
               format_duration(fault.length), fault.description, fault.awaited ? ", " : "", fault.awaited_text());
  fmt::print("{}  all healed, recovery\n", moment(timeline.warmup + timeline.faults));
  fmt::print("{}  final reads, checks\n", moment(timeline.total()));
}

}  // namespace

int plan_command(const PlanCommand& command) {
  std::vector<std::string> overrides = command.overrides;
  choose_world(command.world, overrides);
  auto file = read_experiment_file(command.file, overrides);
  if (!file) return bad_input(file.error());
  const auto timeline = plan_run(*file, choose_seed(*file, command.seed));
  if (!timeline) return bad_input(timeline.error());
  if (const auto here = installed(file->experiment()); !here)
    fmt::print(stderr, "it cannot run here: {}\n", here.error().message);
  if (command.json) {
    fmt::print("{}\n", timeline_json(*timeline));
  } else {
    print_timeline(*file, *timeline);
  }
  return 0;
}

int schema_command(const std::string& what) {
  fmt::print("{}", what == "gameday" ? model::gameday_json_schema() : model::experiment_json_schema());
  return 0;
}

int validate_command(const ValidateCommand& command) {
  int exit_code = 0;
  for (const std::string& name : command.files) {
    const auto files = read_experiment_files(name, command.overrides);
    if (!files) exit_code = bad_input(files.error());
    for (std::size_t i = 0; files && i < files->size(); ++i) {
      const model::ExperimentFile& file = (*files)[i];
      const std::string shown = files->size() == 1 ? name : fmt::format("{} ({})", name, file.experiment().name());
      if (const auto timeline = plan_run(file, choose_seed(file, "")); !timeline)
        exit_code = bad_input(timeline.error());
      else
        fmt::print("{}: ok, {} fault windows in {}\n", shown, timeline->planned.size(),
                   describe_duration(timeline->total()));
    }
  }
  return exit_code;
}

}  // namespace fracas::controller
