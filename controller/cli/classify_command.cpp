#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "controller/classify/conclude.h"
#include "controller/classify/ladder.h"
#include "controller/classify/measure.h"
#include "controller/classify/report.h"
#include "controller/classify/trials.h"
#include "controller/cli/commands.h"
#include "controller/cli/one_run.h"
#include "controller/cli/text_file.h"
#include "controller/cli/trace_export.h"
#include "controller/reading/reading.h"
#include "controller/run/conclude.h"
#include "controller/run/data_checks.h"
#include "controller/sim/simulate.h"
#include "lib/base/log.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;
using classify::Trial;

// One trial as an experiment, and its seeds.
struct Staged {
  Trial trial;
  model::ExperimentFile file;
};

bool is_file(const std::string& subject) {
  return subject.find_first_of("./") != std::string::npos || fs::exists(subject);
}

// What is classified: a file's experiment, or the one that suits a target that was only named.
Result<model::ExperimentFile> read_subject(const std::string& subject, const std::vector<std::string>& overrides) {
  if (is_file(subject)) return read_experiment_file(subject, overrides);
  const auto text = classify::default_experiment(subject);
  if (!text) return failure(text.error());
  return read_experiment_copy(*text, subject, overrides);
}

// Without faults, checks and expectations of its own: these are the trials'.
std::string bare(model::Experiment experiment) {
  experiment.clear_fault();
  experiment.clear_check();
  experiment.clear_stop_on();
  experiment.mutable_workload()->clear_near();
  experiment.set_expect(model::EXPECTATION_PASS);
  return model::to_toml(experiment);
}

// The check by which a run's own report tells what it broke; classification looks at all models itself.
std::string check_of(const classify::Ladder& ladder) {
  const classify::Rung& first = ladder.rungs().front();
  return fmt::format("[[check]]\nkind = \"consistency\"\nmodel = \"{}\"\nlevel = \"{}\"\n", first.model, first.level);
}

Result<std::vector<Staged>> stage(const model::ExperimentFile& subject, const classify::Ladder& ladder) {
  const std::string base = bare(subject.experiment());
  std::vector<Staged> staged;
  for (Trial& trial : classify::battery(subject.experiment())) {
    std::vector<std::string> overrides = trial.overrides;
    overrides.push_back(fmt::format("name={}-{}", subject.experiment().name(), trial.name));
    const std::string check = trial.weakest ? std::string() : check_of(ladder);
    auto file = read_experiment_copy(base + "\n" + trial.faults + check, "trial " + trial.name, overrides);
    if (!file) return failure(std::move(file).error());
    staged.push_back({std::move(trial), std::move(*file)});
  }
  return staged;
}

class Battery {
 public:
  Battery(const ClassifyCommand& command, const classify::Ladder& ladder, std::uint64_t seed, fs::path folder)
      : command_(command), ladder_(ladder), seed_(seed), folder_(std::move(folder)) {}

  // Every trial as often as asked. ERRORS: a run that nothing can be learned from for a reason of ours.
  Status play(const std::vector<Staged>& staged) {
    for (const Staged& each : staged) {
      for (unsigned i = 0; i < runs_of(each) && !signals_.caught(); ++i) {
        note(fmt::format("{}: run {} of {}", each.trial.name, i + 1, runs_of(each)));
        if (auto played = play_one(each, i); !played) return played;
      }
    }
    note({});
    return {};
  }

  // A simulated run leaves a directory only where something is said of it.
  Status keep(const std::vector<Staged>& staged, const classify::Classification& found) {
    std::set<std::size_t> cited;
    for (const classify::LevelSummary& level : found.levels)
      if (level.broken_by) cited.insert(*level.broken_by);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!folders_[i].empty() || (!cited.contains(i) && !is_first(i))) continue;
      const auto trial = std::ranges::find(staged, runs_[i].trial, [](const Staged& each) { return each.trial.name; });
      const auto timeline = plan_run(trial->file, runs_[i].seed);
      if (!timeline) return failure(timeline.error());
      folders_[i] = folder_of(runs_[i].trial, runs_[i].seed).string();
      const RunRecord record = simulate_into(folders_[i], trial->file.experiment(), *timeline);
      if (record.outcome == Outcome::could_not_run) return failure(record.reason);
    }
    return {};
  }

  bool interrupted() { return signals_.caught(); }
  std::vector<classify::Measured>& runs() { return runs_; }
  std::vector<std::string>& folders() { return folders_; }

 private:
  // On a terminal, one line that is drawn again; it is empty at the end.
  static void note(const std::string& line) {
    if (::isatty(STDERR_FILENO) != 1) return;
    fmt::print(stderr, "\r{:<48}\r{}", "", line);
    std::fflush(stderr);
  }

  // A simulated run costs little; latencies alone do not need many.
  unsigned runs_of(const Staged& staged) const {
    if (command_.runs > 0) return command_.runs;
    return is_simulated(staged.file) ? 5 : 1;
  }

  bool is_first(std::size_t index) const { return index == 0 || runs_[index].trial != runs_[index - 1].trial; }

  fs::path folder_of(const std::string& trial, std::uint64_t seed) const {
    return folder_ / fmt::format("{}-{}", trial, seed);
  }

  Status play_one(const Staged& staged, unsigned number) {
    const std::uint64_t seed = seed_ + number;
    const auto timeline = plan_run(staged.file, seed);
    if (!timeline) return lacking(staged, seed, timeline.error().message);
    const fs::path folder = folder_of(staged.trial.name, seed);
    const bool simulated = is_simulated(staged.file);
    const RunTrace trace = begin_trace(trace_above_);
    const RunRecord record = simulated ? simulate(staged.file.experiment(), *timeline)
                                       : run_once(staged.file, *timeline, folder, {.quiet = true}, signals_);
    export_trace(record, trace);
    if (record.outcome == Outcome::cleanup_failed) return failure(record.reason);
    auto measured = classify::measure(staged.trial, ladder_, record);
    if (!measured) return lacking(staged, seed, measured.error().message);
    runs_.push_back(std::move(*measured));
    folders_.push_back(simulated ? std::string() : folder.string());
    return {};
  }

  // A trial that this target or this host cannot go through is no reason to tell nothing of the others.
  Status lacking(const Staged& staged, std::uint64_t seed, const std::string& why) {
    classify::Measured measured;
    measured.trial = staged.trial.name;
    measured.seed = seed;
    measured.reason = why;
    runs_.push_back(std::move(measured));
    folders_.emplace_back();
    return {};
  }

  const ClassifyCommand& command_;
  const classify::Ladder& ladder_;
  const std::uint64_t seed_;
  const fs::path folder_;
  const std::optional<TraceContext> trace_above_ = log::current_trace();
  Signals signals_;
  std::vector<classify::Measured> runs_;
  std::vector<std::string> folders_;  // by run
};

// What tells one system of a kind from another: the experiment that was classified, and the options that were set.
std::string options_text(const ClassifyCommand& command, const std::string& name) {
  std::string text = is_file(command.subject) ? "experiment " + name : std::string();
  constexpr std::string_view kOptions = "target.options.";
  for (const std::string& each : command.overrides) {
    if (!each.starts_with(kOptions)) continue;
    const std::size_t equals = each.find('=');
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", each.substr(kOptions.size(), equals - kOptions.size()),
                        equals == std::string::npos ? "" : each.substr(equals + 1));
  }
  return text;
}

}  // namespace

int classify_command(const ClassifyCommand& command) {
  std::vector<std::string> overrides = command.overrides;
  choose_world(command.world, overrides);
  const auto subject = read_subject(command.subject, overrides);
  if (!subject) return bad_input(subject.error());
  if (auto fits = check_fits(*subject); !fits) return bad_input(fits.error());
  const auto ladder = classify::Ladder::of(subject->experiment());
  const auto staged = stage(*subject, ladder);
  if (!staged) return bad_input(staged.error());
  if (is_simulated(*subject))
    if (auto possible = can_simulate(*subject); !possible) return bad_input(possible.error());
  if (auto here = runs_here(*subject); !here) return could_not_run("classify", here.error());

  const fs::path folder = results_folder(command.out, "classify");
  Battery battery(command, ladder, choose_seed(*subject, command.seed), folder);
  if (auto played = battery.play(*staged); !played) return could_not_run("classify", played.error());
  std::vector<Trial> trials;
  for (const Staged& each : *staged) trials.push_back(each.trial);
  classify::Report report{.target = describe_target(subject->experiment()),
                          .options = options_text(command, subject->experiment().name()),
                          .world = is_simulated(*subject) ? "sim" : "lab",
                          .weakest = classify::weakest_options(subject->experiment()).words,
                          .classification = classify::conclude(ladder, trials, battery.runs()),
                          .runs = {},
                          .folders = {}};
  if (auto kept = battery.keep(*staged, report.classification); !kept) return could_not_run("classify", kept.error());
  report.runs = std::move(battery.runs());
  report.folders = std::move(battery.folders());
  const std::string markdown = to_markdown(report), json = to_json(report);
  for (const auto& [name, text] : {std::pair{"classification.md", &markdown}, {"classification.json", &json}})
    if (auto written = write_text(folder / name, *text); !written) return could_not_run("classify", written.error());
  fmt::print("{}", command.json ? json : markdown);
  if (battery.interrupted()) return static_cast<int>(Outcome::aborted);
  const bool learned = std::ranges::any_of(report.runs, &classify::Measured::counts);
  return static_cast<int>(learned ? Outcome::pass : Outcome::vacuous);
}

}  // namespace fracas::controller
