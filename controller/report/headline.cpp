#include "controller/report/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "controller/report/wording.h"
#include "lib/base/text.h"

namespace fracas::controller {
namespace {

const checker::CheckResult* first_violated(const RunRecord& record) {
  for (const checker::CheckResult& check : record.checks)
    if (check.verdict == checker::Verdict::violated) return &check;
  return nullptr;
}

// For a record whose maker gave no reason.
std::string default_sentence(const RunRecord& record) {
  switch (record.outcome) {
    case Outcome::pass:
      return "Every check held, and every fault had an effect.";
    case Outcome::violated:
      if (const auto* check = first_violated(record)) return check->summary;
      return "A check was violated.";
    case Outcome::undecided:
      return "A check ran out of its budget before it could decide.";
    case Outcome::vacuous:
      return "A fault or the workload had no effect, so the run proves nothing.";
    case Outcome::aborted:
      return "The run was stopped before its end.";
    case Outcome::could_not_run:
      return "The run could not start or continue.";
    case Outcome::bad_input:
      return "The experiment is not valid.";
    case Outcome::cleanup_failed:
      return "Something the run made could not be removed.";
  }
  return {};
}

Tone tone(const RunRecord& record) {
  switch (record.outcome) {
    case Outcome::pass:
    case Outcome::violated:
      return record.exit_code() == 0 ? Tone::good : Tone::bad;
    case Outcome::cleanup_failed:
      return Tone::bad;
    case Outcome::aborted:
      return Tone::neutral;
    case Outcome::undecided:
    case Outcome::vacuous:
    case Outcome::could_not_run:
    case Outcome::bad_input:
      return Tone::warn;
  }
  return Tone::neutral;
}

std::string verdict(const RunRecord& record) {
  if (record.expect_violated && record.outcome == Outcome::violated) return "Violated, as expected";
  if (record.expect_violated && record.outcome == Outcome::pass) return "Passed, but a violation was expected";
  constexpr std::array<std::string_view, 8> kWords{
      "Passed",  "Violated",      "Undecided", "Vacuous: nothing was proven",
      "Aborted", "Could not run", "Bad input", "Clean-up failed"};
  return std::string(kWords[static_cast<std::size_t>(record.outcome)]);
}

std::string faults_text(const RunRecord& record) {
  if (record.faults.empty()) return "no faults";
  std::set<std::string> kinds;
  for (const model::FaultWindow& fault : record.faults) kinds.insert(fault.kind);
  return fmt::format("{} ({})", counted(record.faults.size(), "fault"), fmt::join(kinds, ", "));
}

}  // namespace

std::string_view name(Tone tone) {
  constexpr std::array<std::string_view, 4> kNames{"good", "bad", "warn", "neutral"};
  return kNames[static_cast<std::size_t>(tone)];
}

Headline headline(const RunRecord& record) {
  return {tone(record), verdict(record), record.reason.empty() ? default_sentence(record) : record.reason};
}

std::string tested_sentence(const RunRecord& record) {
  const auto operations = static_cast<std::uint64_t>(
      std::count_if(record.history.begin(), record.history.end(),
                    [](const model::Event& event) { return event.type == model::EventType::invoke; }));
  std::string sentence = record.target.empty() ? "Nothing" : record.target;
  if (!record.world.empty()) sentence += " in " + record.world;
  if (!record.workload.empty()) sentence += ", under " + record.workload;
  sentence += fmt::format(": {} operations and {}", with_separators(operations), faults_text(record));
  const double seconds = static_cast<double>(record.phases.end_ns - record.phases.warmup_ns) / 1e9;
  if (seconds > 0) sentence += fmt::format(" in {:.0f} s", seconds);
  return sentence + ".";
}

std::string replay_command(const RunRecord& record) {
  return fmt::format("fracas run experiment.toml --seed {}", record.seed);
}

}  // namespace fracas::controller
