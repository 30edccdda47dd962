#include "controller/report/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "controller/report/headline.h"
#include "controller/report/wording.h"

namespace fracas::controller {
namespace {

enum class Kind { passed, failure, error, skipped };

struct Case {
  std::string name;
  Kind kind = Kind::passed;
  std::string message;
  std::string text;  // several lines
};

// Nothing was judged: what follows from missing results is not the system's fault.
bool cut_short(const RunRecord& record) {
  return record.outcome == Outcome::aborted || record.outcome == Outcome::could_not_run ||
         record.outcome == Outcome::bad_input;
}

Case verdict_case(const RunRecord& record) {
  const Headline line = headline(record);
  Case result{"verdict", Kind::passed, line.verdict, line.sentence};
  if (record.exit_code() == 0) return result;
  result.kind = cut_short(record) ? Kind::error : Kind::failure;
  return result;
}

std::string check_text(const checker::CheckResult& check, std::int64_t origin_ns) {
  std::string text = check.summary + '\n';
  for (const std::string& detail : check.details) text += detail + '\n';
  for (const auto& [name, value] : check.numbers) {
    const ShownNumber shown = show_number(name, value);
    text += fmt::format("{}: {}\n", shown.label, shown.value);
  }
  if (!check.counterexample) return text;
  text += check.counterexample->sentence + '\n';
  if (!check.counterexample->fault_sentence.empty()) text += check.counterexample->fault_sentence + '\n';
  for (const checker::ShownOperation& operation : check.counterexample->operations)
    text += fmt::format("{} {} {}\n", moment(operation.invoke_ns, origin_ns), operation.client,
                        operation_text(operation, check.counterexample->key));
  for (const model::NodeEvent& event : check.counterexample->events)
    text += fmt::format("{} {}\n", moment(event.time_ns, origin_ns), node_event_text(event));
  return text;
}

Case check_case(const checker::CheckResult& check, const RunRecord& record) {
  Case result{"check: " + check.kind, Kind::passed, check.summary, check_text(check, record.phases.warmup_ns)};
  if (check.verdict == checker::Verdict::undecided) result.kind = Kind::error;
  if (check.verdict == checker::Verdict::violated && !record.expect_violated) result.kind = Kind::failure;
  return result;
}

Case fault_case(const model::FaultWindow& fault, const RunRecord& record) {
  Case result{"fault: " + fault.id + " had an effect", Kind::passed, effect_text(fault),
              fmt::format("{} {}: {}", fault.kind, fault.description, effect_text(fault))};
  if (!fault.had_effect()) result.kind = cut_short(record) ? Kind::skipped : Kind::failure;
  return result;
}

Case cleanup_case(const RunRecord& record) {
  Case result{"clean-up", Kind::passed, "nothing was left behind", ""};
  if (record.outcome == Outcome::bad_input) {
    result.kind = Kind::skipped;
    result.message = "nothing was touched";
  }
  if (record.outcome != Outcome::cleanup_failed && record.leftovers.empty()) return result;
  result.kind = Kind::error;
  result.message = fmt::format("{} things were left behind", record.leftovers.size());
  result.text = fmt::format("{}", fmt::join(record.leftovers, "\n"));
  return result;
}

std::vector<Case> cases_of(const RunRecord& record) {
  std::vector<Case> cases{verdict_case(record)};
  for (const checker::CheckResult& check : record.checks) cases.push_back(check_case(check, record));
  for (const model::FaultWindow& fault : record.faults) cases.push_back(fault_case(fault, record));
  cases.push_back(cleanup_case(record));
  return cases;
}

std::string case_xml(const Case& each, const std::string& suite) {
  std::string xml =
      fmt::format("    <testcase classname=\"fracas.{}\" name=\"{}\" time=\"0\">\n", suite, xml_escape(each.name));
  const std::string message = xml_escape(each.message);
  const std::string text = xml_escape(each.text);
  switch (each.kind) {
    case Kind::passed:
      xml += fmt::format("      <system-out>{}\n{}</system-out>\n", message, text);
      break;
    case Kind::failure:
      xml += fmt::format("      <failure message=\"{}\" type=\"violated\">{}</failure>\n", message, text);
      break;
    case Kind::error:
      xml += fmt::format("      <error message=\"{}\" type=\"not-judged\">{}</error>\n", message, text);
      break;
    case Kind::skipped:
      xml += fmt::format("      <skipped message=\"{}\"/>\n", message);
      break;
  }
  return xml + "    </testcase>\n";
}

std::string properties_xml(const RunRecord& record) {
  std::string xml = "    <properties>\n";
  const auto property = [&xml](std::string_view name, const std::string& value) {
    xml += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_escape(value));
  };
  property("seed", fmt::format("{}", record.seed));
  property("outcome", std::string(name(record.outcome)));
  property("expected", record.expect_violated ? "violated" : "pass");
  property("exit_code", fmt::format("{}", record.exit_code()));
  property("world", record.world);
  property("target", record.target);
  property("workload", record.workload);
  if (!record.control_says.empty()) property("control", record.control_says);
  property("fracas", record.fracas_version);
  property("kernel", record.kernel);
  return xml + "    </properties>\n";
}

}  // namespace

std::string junit_xml(const RunRecord& record) {
  const std::vector<Case> cases = cases_of(record);
  const auto number = [&cases](Kind kind) {
    return std::count_if(cases.begin(), cases.end(), [kind](const Case& each) { return each.kind == kind; });
  };
  const std::string suite = xml_escape(record.name);
  const double seconds =
      static_cast<double>(std::max<std::int64_t>(0, record.phases.end_ns - record.phases.warmup_ns)) / 1e9;
  const std::string counts =
      fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", cases.size(),
                  number(Kind::failure), number(Kind::error), number(Kind::skipped), seconds);
  // The schema's time stamp has no zone: readers take it for UTC, which it is.
  const std::string timestamp = xml_escape(record.started_at.substr(0, record.started_at.find('Z')));

  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites name=\"fracas\" {}>\n  <testsuite name=\"{}\" {}", counts, suite, counts);
  xml += timestamp.empty() ? ">\n" : fmt::format(" timestamp=\"{}\">\n", timestamp);
  xml += properties_xml(record);
  for (const Case& each : cases) xml += case_xml(each, suite);
  return xml + "  </testsuite>\n</testsuites>\n";
}

}  // namespace fracas::controller
