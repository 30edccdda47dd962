#include "controller/hunt/findings.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "controller/hunt/shrink.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

using nlohmann::json;

// What was caught, as an experiment that expects it.
std::string toml_of(const Universe& universe) {
  model::Experiment experiment = universe.experiment;
  experiment.set_expect(model::EXPECTATION_VIOLATED);
  experiment.mutable_seed()->set_random(false);
  experiment.mutable_seed()->set_value(universe.seed);
  return model::to_toml(experiment);
}

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

bool smaller(const Finding& a, const Finding& b) {
  const auto size = [](const Finding& each) {
    return std::tuple(each.shrunk.empty() ? kUnknown : each.faults, each.operations, each.seed);
  };
  return size(a) < size(b);
}

json to_json(const Finding& finding) {
  return {{"seed", finding.seed},
          {"name", finding.name},
          {"check", finding.check},
          {"reason", finding.reason},
          {"experiment", finding.experiment},
          {"shrunk", finding.shrunk},
          {"shrink_runs", finding.shrink_runs},
          {"faults", finding.faults},
          {"nodes", finding.nodes},
          {"clients", finding.clients},
          {"operations", finding.operations}};
}

// Reads members of one object; the first that is missing or of another type makes it an error.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  void read(const char* member, std::uint64_t& into) {
    if (const json* found = find(member, &json::is_number_unsigned)) into = found->get<std::uint64_t>();
  }
  void read(const char* member, std::string& into) {
    if (const json* found = find(member, &json::is_string)) into = found->get<std::string>();
  }
  // nullptr: it is not there.
  const json* list(const char* member) { return find(member, &json::is_array); }
  const std::string& wrong() const { return wrong_; }

 private:
  const json* find(const char* member, bool (json::*is_right)() const noexcept) {
    const auto found = object_.is_object() ? object_.find(member) : object_.end();
    if (object_.is_object() && found != object_.end() && ((*found).*is_right)()) return &*found;
    if (wrong_.empty()) wrong_ = member;
    return nullptr;
  }

  const json& object_;
  std::string wrong_;
};

std::string read_finding(const json& object, Finding& finding) {
  Reader reader(object);
  reader.read("seed", finding.seed);
  reader.read("name", finding.name);
  reader.read("check", finding.check);
  reader.read("reason", finding.reason);
  reader.read("experiment", finding.experiment);
  reader.read("shrunk", finding.shrunk);
  reader.read("shrink_runs", finding.shrink_runs);
  reader.read("faults", finding.faults);
  reader.read("nodes", finding.nodes);
  reader.read("clients", finding.clients);
  reader.read("operations", finding.operations);
  return reader.wrong();
}

}  // namespace

Findings findings_of(const HuntResult& result) {
  Findings findings{.universes = result.universes,
                    .passed = result.passed,
                    .vacuous = result.vacuous,
                    .undecided = result.undecided,
                    .refused = result.refused,
                    .simulated = result.simulated,
                    .coverage = result.coverage};
  for (const Violation& violation : result.violations)
    findings.violations.push_back({.seed = violation.universe.seed,
                                   .name = violation.universe.experiment.name(),
                                   .check = violation.check,
                                   .reason = violation.reason,
                                   .experiment = toml_of(violation.universe)});
  return findings;
}

void shrink_finding(Finding& finding, const Violation& violation, const std::function<bool()>& stop) {
  const Shrunk shrunk = shrink(violation.universe, violation.check, ShrinkOptions{.stop = stop});
  finding.shrunk = model::to_toml(shrunk.universe.experiment);
  finding.shrink_runs = shrunk.runs;
  finding.faults = shrunk.faults;
  finding.nodes = shrunk.nodes;
  finding.clients = shrunk.clients;
  finding.operations = shrunk.operations;
}

void merge(Findings& into, Findings more) {
  into.universes += more.universes;
  into.passed += more.passed;
  into.vacuous += more.vacuous;
  into.undecided += more.undecided;
  into.refused += more.refused;
  into.simulated += more.simulated;
  into.coverage.merge(more.coverage);
  std::ranges::move(more.violations, std::back_inserter(into.violations));
  std::ranges::sort(into.violations, smaller);
}

std::string findings_to_json(const Findings& findings, const std::string& version) {
  json violations = json::array();
  for (const Finding& finding : findings.violations) violations.push_back(to_json(finding));
  const json object{{"fracas", version},
                    {"universes", findings.universes},
                    {"passed", findings.passed},
                    {"vacuous", findings.vacuous},
                    {"undecided", findings.undecided},
                    {"refused", findings.refused},
                    {"simulated_ns", static_cast<std::uint64_t>(findings.simulated.count())},
                    {"coverage", findings.coverage},
                    {"violations", violations}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Findings> findings_in(const std::string& text, const std::string& version) {
  const json object = json::parse(text, nullptr, false);
  Reader reader(object);
  std::string written_by;
  std::uint64_t simulated_ns = 0;
  Findings findings;
  reader.read("fracas", written_by);
  reader.read("universes", findings.universes);
  reader.read("passed", findings.passed);
  reader.read("vacuous", findings.vacuous);
  reader.read("undecided", findings.undecided);
  reader.read("refused", findings.refused);
  reader.read("simulated_ns", simulated_ns);
  findings.simulated = Duration(static_cast<std::int64_t>(simulated_ns));
  const json* const coverage = reader.list("coverage");
  const json* const violations = reader.list("violations");
  if (!reader.wrong().empty()) return failure("this is no record of a hunt: it has no \"" + reader.wrong() + "\"");
  if (written_by != version) return failure("a record of fracas " + written_by + ", this is " + version);
  for (const json& met : *coverage)
    if (met.is_string()) findings.coverage.insert(met.get<std::string>());
  for (const json& each : *violations) {
    std::string wrong = read_finding(each, findings.violations.emplace_back());
    if (!wrong.empty()) return failure("this is no record of a hunt: a violation has no \"" + wrong + "\"");
  }
  return findings;
}

Seeds share_of(const Seeds& all, unsigned index, unsigned parts) {
  ensure(index < parts, "a share is one of the parts");
  const std::uint64_t least = all.count / parts;
  const std::uint64_t longer = all.count % parts;  // so many of the first shares have one more
  return {.first = all.first + index * least + std::min<std::uint64_t>(index, longer),
          .count = least + (index < longer ? 1 : 0)};
}

}  // namespace fracas::controller
