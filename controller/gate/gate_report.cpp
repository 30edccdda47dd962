#include "controller/gate/gate_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/report/junit.h"

namespace fracas::controller {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSarifSchema = "https://json.schemastore.org/sarif-2.1.0.json";

// What the gate cannot answer for is a warning; what it found, or could not do, an error.
bool is_warning(Outcome outcome) {
  return outcome == Outcome::undecided || outcome == Outcome::aborted;
}

std::string arm_text(Arm arm) {
  return arm == Arm::control ? "control run" : "run";
}

struct Case {
  std::string name;
  std::string element;  // "failure", "error", "skipped", or empty: passed
  std::string message;
};

Case run_case(const GateResult& result, std::size_t number) {
  const GateRun& run = result.runs[number];
  Case one{.name = fmt::format("{} {}, seed {}", arm_text(run.arm), number + 1, run.seed),
           .element = {},
           .message = fmt::format("{}: {}", name(run.outcome), run.reason)};
  if (run.outcome == Outcome::undecided)
    one.element = result.outcome == Outcome::undecided ? "error" : "skipped";
  else if (!run.as_expected())
    one.element = run.outcome == Outcome::violated || run.outcome == Outcome::pass || run.outcome == Outcome::vacuous
                      ? "failure"
                      : "error";
  return one;
}

Case comparison_case(const ArmComparison& each) {
  Case one{.name = fmt::format("{}{}", name(each.comparison.metric), each.arm == Arm::control ? " without faults" : ""),
           .element = {},
           .message = each.comparison.text()};
  if (each.comparison.change == Change::worse) one.element = "failure";
  if (each.comparison.change == Change::undecided) one.element = "error";
  return one;
}

std::string case_xml(const Case& one, const std::string& suite) {
  const std::string message = xml_escape(one.message);
  std::string xml =
      fmt::format("    <testcase classname=\"fracas.{}\" name=\"{}\" time=\"0\">\n", suite, xml_escape(one.name));
  xml += one.element.empty() ? fmt::format("      <system-out>{}</system-out>\n", message)
                             : fmt::format("      <{} message=\"{}\"/>\n", one.element, message);
  return xml + "    </testcase>\n";
}

std::string verdict_word(const GateResult& result) {
  return std::string(name(result.outcome));
}

}  // namespace

std::string gate_junit(const std::vector<GateResult>& results) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fracas gate\">\n";
  for (const GateResult& result : results) {
    std::vector<Case> cases;
    for (std::size_t i = 0; i < result.runs.size(); ++i) cases.push_back(run_case(result, i));
    for (const ArmComparison& each : result.comparisons) cases.push_back(comparison_case(each));
    cases.push_back({.name = "gate",
                     .element = result.outcome == Outcome::pass ? ""
                                : is_warning(result.outcome)    ? "error"
                                                                : "failure",
                     .message = result.reason});
    const auto number = [&cases](std::string_view element) {
      return std::ranges::count(cases, element, &Case::element);
    };
    const std::string suite = xml_escape(result.subject.name);
    xml += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n", suite,
                       cases.size(), number("failure"), number("error"), number("skipped"));
    for (const Case& one : cases) xml += case_xml(one, suite);
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

std::string gate_sarif(const std::vector<GateResult>& results) {
  Json rules = Json::array();
  Json found = Json::array();
  for (const GateResult& result : results) {
    if (result.outcome == Outcome::pass) continue;
    const std::string rule = verdict_word(result);
    if (std::ranges::none_of(rules, [&rule](const Json& each) { return each["id"] == rule; }))
      rules.push_back({{"id", rule}, {"shortDescription", {{"text", "experiment: " + rule}}}});
    found.push_back({{"ruleId", rule},
                     {"level", is_warning(result.outcome) ? "warning" : "error"},
                     {"message", {{"text", fmt::format("{}: {}", result.subject.name, result.reason)}}},
                     {"locations", Json::array({{{"physicalLocation",
                                                  {{"artifactLocation", {{"uri", result.subject.file}}},
                                                   {"region", {{"startLine", result.subject.line}}}}}}})}});
  }
  const Json tool{{"driver", {{"name", "fracas"}, {"rules", std::move(rules)}}}};
  const Json document{{"$schema", kSarifSchema},
                      {"version", "2.1.0"},
                      {"runs", Json::array({{{"tool", tool}, {"results", std::move(found)}}})}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string gate_markdown(const std::vector<GateResult>& results) {
  const auto passed = std::ranges::count(results, Outcome::pass, &GateResult::outcome);
  std::string text = fmt::format("## Release gate: {} of {} experiments passed\n\n", passed, results.size());
  text += "| experiment | verdict | runs | why |\n|---|---|---|---|\n";
  const auto cell = [](std::string said) {
    for (std::size_t at = 0; (at = said.find('|', at)) != std::string::npos; at += 2) said.insert(at, "\\");
    std::ranges::replace(said, '\n', ' ');
    return said;
  };
  for (const GateResult& result : results)
    text += fmt::format("| {} | {} | {} | {} |\n", result.subject.name, verdict_word(result), result.runs.size(),
                        cell(result.reason));
  return text;
}

std::string gate_annotations(const std::vector<GateResult>& results) {
  std::string text;
  for (const GateResult& result : results) {
    if (result.outcome == Outcome::pass) continue;
    std::string said = fmt::format("{}: {}", verdict_word(result), result.reason);
    for (const auto& [plain, escaped] : {std::pair{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}})
      for (std::size_t at = 0; (at = said.find(plain, at)) != std::string::npos; at += 3) said.replace(at, 1, escaped);
    text += fmt::format("::{} file={},line={},title={}::{}\n", is_warning(result.outcome) ? "warning" : "error",
                        result.subject.file, result.subject.line, result.subject.name, said);
  }
  return text;
}

std::string gate_text(const std::vector<GateResult>& results) {
  std::string text;
  for (const GateResult& result : results) {
    text += fmt::format("{:<10} {}: {}\n", verdict_word(result), result.subject.name, result.reason);
    for (const ArmComparison& each : result.comparisons)
      text += fmt::format("{:<10}   {}{}\n", "", each.arm == Arm::control ? "without faults: " : "",
                          each.comparison.text());
  }
  return text;
}

}  // namespace fracas::controller
