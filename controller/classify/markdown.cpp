#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controller/classify/report.h"
#include "controller/report/wording.h"

namespace fracas::controller::classify {
namespace {

constexpr std::size_t kOperationsShown = 14;

std::string_view word(Behaviour behaviour) {
  switch (behaviour) {
    case Behaviour::goes_on:
      return "goes on";
    case Behaviour::in_part:
      return "in part";
    case Behaviour::refuses:
      break;
  }
  return "refuses";
}

std::string words(const Answers& answers) {
  if (answers.asked == 0) return "not asked";
  return fmt::format("{} of {} ({:.0f}%, {})", with_separators(answers.answered), with_separators(answers.asked),
                     answers.share() * 100, word(behaviour_of(answers)));
}

std::string joined(const std::vector<std::string>& names, std::string_view nothing) {
  return names.empty() ? std::string(nothing) : fmt::format("{}", fmt::join(names, ", "));
}

std::string partition_sentence(const Classification& found) {
  switch (found.cap) {
    case Cap::consistent:
      return "Whatever was answered while the network was cut is linearizable, and the price is that not everybody was "
             "answered.";
    case Cap::available:
      return "Every side went on, and so they could not know of each other.";
    case Cap::neither:
      return "Not everybody was answered, and what was answered is still not linearizable.";
    case Cap::unclear:
      break;
  }
  return "No partition was seen to act long enough to tell.";
}

std::string partition_text(const Classification& found) {
  std::string text = fmt::format("**Under partition: {}.** {}\n", name(found.cap), partition_sentence(found));
  std::string rows;
  for (const TrialSummary& each : found.trials)
    for (const SideNumbers& side : each.sides)
      rows += fmt::format("| {} | {} | {} | {} |\n", each.trial.name, fmt::join(side.nodes, " "),
                          words(side.answers[0]), words(side.answers[1]));
  if (rows.empty()) return text;
  return text + "\n| trial | clients at | reads answered | updates answered |\n|---|---|---|---|\n" + rows;
}

std::string wait_words(const Wait& wait) {
  std::string text = fmt::format("{:.2f} ms", wait.p50_ms);
  if (wait.round_trips) text += fmt::format(", {:.1f} round trips", *wait.round_trips);
  return text;
}

std::string else_text(const Report& report) {
  const Classification& found = report.classification;
  std::string text = fmt::format("**Else: {}.** ", name(found.pacelc));
  switch (found.pacelc) {
    case Pacelc::consistency:
      text += "Without a fault an answer waits for other members.";
      break;
    case Pacelc::latency:
      text += "Without a fault no answer waits for other members.";
      break;
    case Pacelc::unclear:
      text += "Nothing was answered that could be timed.";
      break;
  }
  text +=
      "\n\n| median of answers, and round trips between members that they wait for | reads | updates "
      "|\n|---|---|---|\n";
  text += fmt::format("| as it is | {} | {} |\n", wait_words(found.own[0]), wait_words(found.own[1]));
  if (found.has_weakest)
    text += fmt::format("| with {} | {} | {} |\n", report.weakest, wait_words(found.weakest[0]),
                        wait_words(found.weakest[1]));
  return text;
}

const LevelSummary& summary_of(const Classification& found, const std::string& level) {
  return *std::ranges::find(found.levels, level, &LevelSummary::level);
}

std::string run_words(const Report& report, std::size_t index) {
  const Measured& run = report.runs[index];
  std::string text = fmt::format("trial {}, seed {}", run.trial, run.seed);
  if (!report.folders[index].empty()) text += fmt::format(", {}", report.folders[index]);
  return text;
}

std::string operations_text(const checker::Counterexample& proof) {
  std::string text;
  for (std::size_t i = 0; i < std::min(proof.operations.size(), kOperationsShown); ++i) {
    const checker::ShownOperation& each = proof.operations[i];
    const std::string end =
        each.return_ns == checker::kNever ? "no answer" : moment(each.return_ns, proof.run_start_ns);
    text += fmt::format("  - {} {}: {}, {} to {}\n", each.client, each.node.empty() ? "" : "at " + each.node,
                        operation_text(each, proof.key), moment(each.invoke_ns, proof.run_start_ns), end);
  }
  if (proof.operations.size() > kOperationsShown)
    text += fmt::format("  - and {} more\n", proof.operations.size() - kOperationsShown);
  return text;
}

std::string broken_text(const Report& report, const std::string& level) {
  const LevelSummary& summary = summary_of(report.classification, level);
  const std::size_t index = *summary.broken_by;
  const auto finding = std::ranges::find(report.runs[index].levels, level, &LevelFinding::level);
  std::string text = fmt::format("- **{}**, in {} of {} runs; {}\n", level, summary.broken,
                                 summary.broken + summary.held + summary.undecided, run_words(report, index));
  if (!finding->summary.empty()) text += fmt::format("  {}\n", finding->summary);
  if (finding->counterexample) text += operations_text(*finding->counterexample);
  return text;
}

std::string models_text(const Report& report) {
  const Classification& found = report.classification;
  std::string text = "**Strongest model that every history satisfied:** ";
  std::vector<std::string> kept;
  for (const std::string& level : found.strongest)
    kept.push_back(fmt::format("{} ({} runs)", level, summary_of(found, level).held));
  text += joined(kept, "none of those it was held against") + ".";
  std::vector<std::string> open;
  for (const LevelSummary& level : found.levels)
    if (level.undecided > 0 && level.broken == 0)
      open.push_back(fmt::format("{} ({} runs)", level.level, level.undecided));
  if (!open.empty()) text += fmt::format(" Undecided: {}.", fmt::join(open, ", "));
  text += "\n\n**Weakest model that some history broke:** " + joined(found.broken, "none") + ".\n\n";
  for (const std::string& level : found.broken) text += broken_text(report, level);
  return text;
}

std::string trials_text(const Classification& found) {
  std::string text =
      "| trial | what is done | runs | operations | reads answered, p50, p99 | updates answered, p50, p99 | holds | "
      "broken |\n|---|---|---|---|---|---|---|---|\n";
  const auto access = [](const TrialAccess& each) {
    if (each.answers.asked == 0) return std::string("-");
    return fmt::format("{:.1f}%, {:.2f} ms, {:.1f} ms", each.answers.share() * 100, each.p50_ms, each.p99_ms);
  };
  for (const TrialSummary& each : found.trials) {
    const std::string runs = each.runs > 0 ? std::to_string(each.runs) : "none: " + each.lacking;
    const std::string_view nothing = each.trial.weakest ? "not judged" : "-";
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", each.trial.name, each.trial.doc, runs,
                        with_separators(each.operations), access(each.access[0]), access(each.access[1]),
                        joined(each.strongest, nothing), joined(each.weakest, nothing));
  }
  return text;
}

}  // namespace

std::string_view name(Cap cap) {
  switch (cap) {
    case Cap::consistent:
      return "consistent (CP)";
    case Cap::available:
      return "available (AP)";
    case Cap::neither:
      return "neither consistent nor available";
    case Cap::unclear:
      break;
  }
  return "unclear";
}

std::string_view name(Pacelc pacelc) {
  switch (pacelc) {
    case Pacelc::consistency:
      return "consistency (EC)";
    case Pacelc::latency:
      return "latency (EL)";
    case Pacelc::unclear:
      break;
  }
  return "unclear";
}

std::string to_markdown(const Report& report) {
  std::uint64_t operations = 0;
  for (const Measured& run : report.runs) operations += run.operations;
  std::string text =
      fmt::format("# {}{}{}: {} runs in {}, {} operations\n\n", report.target, report.options.empty() ? "" : ", ",
                  report.options, report.runs.size(), report.world, with_separators(operations));
  text += partition_text(report.classification) + "\n";
  text += else_text(report) + "\n";
  text += models_text(report) + "\n";
  return text + trials_text(report.classification);
}

}  // namespace fracas::controller::classify
