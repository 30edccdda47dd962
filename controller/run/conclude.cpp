#include "controller/run/conclude.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <limits>
#include <utility>

#include "controller/run/control_arm.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

bool earlier(const model::NodeEvent& a, const model::NodeEvent& b) {
  return a.time_ns < b.time_ns;
}

// All nodes' events by time; of one moment, in the order of the nodes.
std::vector<model::NodeEvent> merged(std::vector<std::vector<model::NodeEvent>> nodes) {
  std::vector<model::NodeEvent> all;
  std::size_t total = 0;
  for (auto& node : nodes) {
    total += node.size();
    // As a rule they are in order: a node writes them as they happen.
    if (!std::is_sorted(node.begin(), node.end(), earlier)) std::stable_sort(node.begin(), node.end(), earlier);
  }
  all.reserve(total);
  constexpr std::int64_t kOver = std::numeric_limits<std::int64_t>::max();
  std::vector<std::size_t> next(nodes.size(), 0);
  std::vector<std::int64_t> times;  // of the next event of each
  for (const auto& node : nodes) times.push_back(node.empty() ? kOver : node.front().time_ns);
  while (all.size() < total) {
    const auto first = std::ranges::min_element(times);
    auto& node = nodes[static_cast<std::size_t>(first - times.begin())];
    std::size_t& at = next[static_cast<std::size_t>(first - times.begin())];
    all.push_back(std::move(node[at++]));
    *first = at == node.size() ? kOver : node[at].time_ns;
  }
  return all;
}

}  // namespace

RunRecord begin_record(const model::Experiment& experiment, const Timeline& timeline) {
  const model::Workload& workload = experiment.workload();
  RunRecord record;
  record.name = experiment.name();
  record.doc = experiment.doc();
  record.seed = timeline.seed;
  record.expect_violated = experiment.expect() == model::EXPECTATION_VIOLATED;
  record.fracas_version = FRACAS_VERSION;
  record.hosts = timeline.hosts;
  record.target = describe_target(experiment);
  record.workload = fmt::format("{}, {} clients, {:g} operations/s, {} keys", model::kind_of(workload),
                                workload.clients(), workload.rate(), workload.keys());
  record.started_at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  return record;
}

void judge_into(RunRecord& record, const model::Experiment& experiment, const Timeline& timeline, Evidence evidence) {
  auto checks = run_checks(experiment, evidence);
  if (checks) {
    std::vector<std::string> names;
    for (const PlannedFault& fault : timeline.planned) names.push_back(fault.name);
    Judgement judgement = judge(*checks, evidence, names);
    record.outcome = judgement.outcome;
    record.reason = std::move(judgement.reason);
    record.checks = std::move(*checks);
  } else {
    record.outcome = Outcome::could_not_run;
    record.reason = checks.error().message;
  }
  keep_evidence(record, std::move(evidence));
}

void keep_evidence(RunRecord& record, Evidence evidence) {
  record.history = std::move(evidence.history);
  record.probes = std::move(evidence.probes);
  if (!evidence.control.empty()) record.control_says = control_text(evidence.control);
  record.control = std::move(evidence.control);
  record.node_events = merged(std::move(evidence.node_events));
}

std::string describe_target(const model::Experiment& experiment) {
  std::string text =
      fmt::format("{}, {} nodes", model::kind_of(experiment.target()), model::host_counts(experiment).nodes);
  const model::Target& target = experiment.target();
  const auto& bugs = target.has_quorum() ? target.quorum().bugs() : target.raft().bugs();
  if (!bugs.empty()) text += fmt::format(", bugs: {}", fmt::join(bugs, ", "));
  return text;
}

}  // namespace fracas::controller
