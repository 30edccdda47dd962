#include "controller/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "checker/explain/fault_context.h"
#include "checker/explain/picture.h"
#include "controller/report/headline.h"
#include "controller/report/node_lanes.h"
#include "controller/report/operation_columns.h"
#include "controller/report/wording.h"

namespace fracas::controller {
namespace {

using json = nlohmann::ordered_json;

// The run's zero, for every time on the page.
struct Clock {
  std::int64_t origin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t us(std::int64_t time_ns) const { return (time_ns - origin_ns) / 1000; }
};

// A run that ended early has no phases; then what was recorded says when it was.
Clock clock_of(const RunRecord& record) {
  Clock clock{record.phases.warmup_ns, record.phases.end_ns};
  if (clock.origin_ns == 0) {
    clock.origin_ns = std::numeric_limits<std::int64_t>::max();
    if (!record.history.empty()) clock.origin_ns = record.history.front().time_ns;
    for (const auto& fault : record.faults) clock.origin_ns = std::min(clock.origin_ns, fault.start_ns);
    for (const auto& event : record.node_events) clock.origin_ns = std::min(clock.origin_ns, event.time_ns);
    if (clock.origin_ns == std::numeric_limits<std::int64_t>::max()) clock.origin_ns = 0;
  }
  if (!record.history.empty()) clock.end_ns = std::max(clock.end_ns, record.history.back().time_ns);
  for (const auto& fault : record.faults) clock.end_ns = std::max(clock.end_ns, fault.end_ns);
  clock.end_ns = std::max(clock.end_ns, clock.origin_ns + 1'000'000);
  return clock;
}

json phases(const RunRecord& record, const Clock& clock) {
  json list = json::array();
  const auto add = [&](std::string_view name, std::int64_t start_ns, std::int64_t end_ns) {
    if (start_ns > 0 && end_ns > start_ns)
      list.push_back({{"name", name}, {"start", clock.us(start_ns)}, {"end", clock.us(end_ns)}});
  };
  const auto until = [&](std::int64_t next_ns) { return next_ns > 0 ? next_ns : clock.end_ns; };
  add("warm-up", record.phases.warmup_ns, until(record.phases.faults_ns));
  add("faults", record.phases.faults_ns, until(record.phases.recover_ns));
  add("recovery", record.phases.recover_ns, until(record.phases.end_ns));
  return list;
}

json fault_to_json(const model::FaultWindow& fault, const Clock& clock) {
  json object{
      {"id", fault.id},
      {"name", fault.id.empty() ? fault.name : fault.id},
      {"kind", fault.kind},
      {"description", fault.trigger.empty() ? fault.description : fault.description + ", " + trigger_text(fault)},
      {"start", clock.us(fault.start_ns)},
      {"end", clock.us(fault.end_ns)},
      {"had_effect", fault.had_effect()},
      {"says", effect_text(fault)},
      {"effects", json::array()}};
  for (const model::HostEffect& effect : fault.effects) {
    const auto& counters = effect.counters;
    const auto when = [&](std::int64_t time_ns) { return time_ns > 0 ? json(clock.us(time_ns)) : json(nullptr); };
    object["effects"].push_back({{"host", effect.host},
                                 {"mechanism", effect.mechanism},
                                 {"matched", counters.matched},
                                 {"affected", counters.affected},
                                 {"bytes", counters.bytes},
                                 {"first", when(counters.first_ns)},
                                 {"last", when(counters.last_ns)}});
  }
  return object;
}

json lanes(const RunRecord& record, const Clock& clock) {
  json list = json::array();
  for (const NodeLane& lane : build_lanes(record.hosts, record.node_events, record.faults, clock.end_ns)) {
    json segments = json::array();
    for (const LaneSegment& segment : lane.segments)
      segments.push_back(
          {clock.us(segment.start_ns), clock.us(segment.end_ns), static_cast<int>(segment.state), segment.term});
    list.push_back({{"node", lane.node}, {"segments", std::move(segments)}});
  }
  return list;
}

json columns_to_json(const OperationColumns& columns) {
  return {{"start", columns.start_us}, {"took", columns.took_us},    {"outcome", columns.outcome},
          {"client", columns.client},  {"node", columns.node},       {"error", columns.error},
          {"says", columns.says},      {"clients", columns.clients}, {"nodes", columns.nodes},
          {"errors", columns.errors}};
}

json orders(const checker::Counterexample& example) {
  json list = json::array();
  for (const checker::DeadEnd& each : example.dead_ends) {
    json order{{"start", each.start}, {"order", json::array()}, {"refusals", json::array()}};
    for (const auto& step : each.order)
      order["order"].push_back({{"operation", step.operation}, {"holds", step.holds}});
    for (const auto& refusal : each.refusals)
      order["refusals"].push_back({{"operation", refusal.operation}, {"why", refusal.why}});
    list.push_back(std::move(order));
  }
  return list;
}

// What acted and what happened while the proof's operations ran: the background of its drawing.
void add_surroundings(const checker::Counterexample& example, const Clock& clock, json& object) {
  object["under"] = example.fault_sentence;
  object["notes"] = json::array();
  for (const model::NodeEvent& event : example.events)
    object["notes"].push_back(fmt::format("{}: {}", moment(event.time_ns, clock.origin_ns), node_event_text(event)));
  for (std::string& line : checker::render_marks(example)) object["notes"].push_back(std::move(line));
  object["faults"] = json::array();
  for (const checker::ShownFault& fault : example.faults)
    object["faults"].push_back(
        {{"id", fault.id}, {"what", fault.what}, {"start", clock.us(fault.start_ns)}, {"end", clock.us(fault.end_ns)}});
  object["marks"] = json::array();
  for (const checker::ShownMoment& mark : example.marks)
    object["marks"].push_back({{"at", clock.us(mark.time_ns)}, {"what", mark.what}});
}

json counterexample_to_json(const checker::Counterexample& example, const Clock& clock) {
  json object{{"key", example.key}, {"sentence", example.sentence}, {"operations", json::array()}};
  add_surroundings(example, clock, object);
  object["orders"] = orders(example);
  object["edges"] = json::array();
  for (const checker::CycleEdge& edge : example.cycle)
    object["edges"].push_back({{"from", edge.from}, {"to", edge.to}, {"label", edge.label}, {"why", edge.why}});
  object["picture"] = example.cycle.empty() ? std::string() : checker::draw_cycle(example);
  for (const checker::ShownOperation& each : example.operations) {
    const bool open = each.return_ns == checker::kNever;
    object["operations"].push_back({{"client", each.client},
                                    {"node", each.node},
                                    {"outcome", static_cast<int>(each.outcome)},
                                    {"start", clock.us(each.invoke_ns)},
                                    {"took", open ? -1 : (each.return_ns - each.invoke_ns) / 1000},
                                    {"says", operation_text(each, example.key)}});
  }
  return object;
}

json check_to_json(const checker::CheckResult& check, const Clock& clock) {
  const Tone tone = check.verdict == checker::Verdict::pass       ? Tone::good
                    : check.verdict == checker::Verdict::violated ? Tone::bad
                                                                  : Tone::warn;
  json object{{"name", check.kind},       {"verdict", checker::name(check.verdict)},
              {"tone", name(tone)},       {"summary", check.summary},
              {"details", check.details}, {"numbers", json::array()},
              {"counterexample", nullptr}};
  for (const auto& [label, value] : check.numbers) {
    const ShownNumber shown = show_number(label, value);
    object["numbers"].push_back({shown.label, shown.value});
  }
  if (check.counterexample) object["counterexample"] = counterexample_to_json(*check.counterexample, clock);
  return object;
}

json facts(const RunRecord& record) {
  json list = json::array();
  const auto add = [&list](std::string_view label, const std::string& value) {
    if (!value.empty()) list.push_back({label, value});
  };
  add("Tested", tested_sentence(record));
  add("Target", record.target);
  add("World", record.world);
  add("Hosts", fmt::format("{}", fmt::join(record.hosts, ", ")));
  add("Workload", record.workload);
  add("Control arm", record.control_says);
  for (const ProbeRecord& probe : record.probes)
    add("Probe " + probe.name, fmt::format("{} of kind {}, from {}", probe.description, probe.kind, probe.from));
  add("Seed", fmt::format("{}", record.seed));
  add("Expected", record.expect_violated ? "a violation" : "pass");
  add("Exit code", fmt::format("{} ({})", record.exit_code(), name(record.outcome)));
  add("Started", record.started_at);
  add("fracas", record.fracas_version);
  add("Kernel", record.kernel);
  add("Left behind", fmt::format("{}", fmt::join(record.leftovers, "; ")));
  return list;
}

json stats(const RunRecord& record, const DrawnOperations& drawn) {
  json list = json::array();
  if (drawn.total() > 0) {
    list.push_back({"Operations", with_separators(drawn.total())});
    const double share = static_cast<double>(drawn.totals[0]) / static_cast<double>(drawn.total());
    list.push_back({"Succeeded", show_number("ok_rate", share).value});
    list.push_back({"Latency p50", show_number("p_us", static_cast<double>(drawn.p50_us)).value});
    list.push_back({"Latency p99", show_number("p_us", static_cast<double>(drawn.p99_us)).value});
  }
  list.push_back({"Faults", with_separators(record.faults.size())});
  const auto held = std::count_if(record.checks.begin(), record.checks.end(),
                                  [](const auto& check) { return check.verdict == checker::Verdict::pass; });
  if (!record.checks.empty()) list.push_back({"Checks that held", fmt::format("{} of {}", held, record.checks.size())});
  return list;
}

json notices(const RunRecord& record, const Result<DrawnOperations>& drawn) {
  json list = json::array();
  if (!drawn)
    list.push_back("The operations cannot be drawn: the history is malformed at " + drawn.error().message + ".");
  if (drawn && drawn->sampled())
    list.push_back(fmt::format(
        "{} of {} operations are drawn: all that failed or stayed unknown, and an even sample of the others. Rates and "
        "quantiles count all of them.",
        with_separators(drawn->columns.start_us.size()), with_separators(drawn->total())));
  if (record.operations_shed > 0)
    list.push_back(fmt::format("{} further operations were not started because all clients were busy.",
                               with_separators(record.operations_shed)));
  return list;
}

// '<' only occurs inside texts of JSON, where an escape means the same; so do the two line separators of Unicode.
std::string safe_in_script(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view three(text.data() + i, std::min<std::size_t>(3, text.size() - i));
    if (text[i] == '<') {
      result += "\\u003c";
    } else if (three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9") {
      result += three == "\xE2\x80\xA8" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::string page_data(const RunRecord& record) {
  const Clock clock = clock_of(record);
  const auto operations = draw_operations(record.history, clock.origin_ns);
  const DrawnOperations drawn = operations ? *operations : DrawnOperations{};
  const Headline line = headline(record);

  json data{{"format", 1},
            {"tone", name(line.tone)},
            {"verdict", line.verdict},
            {"sentence", line.sentence},
            {"name", record.name},
            {"doc", record.doc},
            {"meta", {fmt::format("seed {}", record.seed), record.world, record.started_at}},
            {"stats", stats(record, drawn)},
            {"facts", facts(record)},
            {"replay", replay_command(record)},
            {"version", record.fracas_version},
            {"notices", notices(record, operations)},
            {"span", {0, clock.us(clock.end_ns)}},
            {"phases", phases(record, clock)},
            {"states", json::array()},
            {"lanes", lanes(record, clock)},
            {"outcome_counts", drawn.totals},
            {"operations", drawn.total() > 0 ? columns_to_json(drawn.columns) : json(nullptr)}};
  data["buckets"] = {{"start", 0},
                     {"width", drawn.buckets.width_us},
                     {"ok", drawn.buckets.counts[0]},
                     {"fail", drawn.buckets.counts[1]},
                     {"info", drawn.buckets.counts[2]}};
  for (std::size_t i = 0; i < kNodeStateCount; ++i) data["states"].push_back(name(static_cast<NodeState>(i)));
  data["faults"] = json::array();
  for (const model::FaultWindow& fault : record.faults) data["faults"].push_back(fault_to_json(fault, clock));
  data["checks"] = json::array();
  for (const checker::CheckResult& check : record.checks) data["checks"].push_back(check_to_json(check, clock));
  return safe_in_script(data.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace fracas::controller
