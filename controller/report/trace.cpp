#include "controller/report/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "checker/history/answered.h"
#include "controller/report/headline.h"

namespace fracas::controller {
namespace {

using json = nlohmann::ordered_json;

constexpr int kInternal = 1;  // Span.SpanKind
constexpr int kClient = 3;
constexpr int kOk = 1;  // Status.StatusCode
constexpr int kError = 2;

json text(const std::string& key, const std::string& value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

// 64-bit integers are texts in protobuf's JSON.
json number(const std::string& key, std::uint64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

// Collects spans; the first is the root, and all others are its children.
class Spans {
 public:
  explicit Spans(const TraceOptions& options)
      : options_(options), root_(std::stoull(options.root.span_id, nullptr, 16)) {}

  json& add(const std::string& name, std::int64_t start_ns, std::int64_t end_ns, int kind = kInternal) {
    const std::string& parent = spans_.empty() ? options_.parent_span : options_.root.span_id;
    json span{{"traceId", options_.root.trace_id}, {"spanId", next_id()}};
    if (!parent.empty()) span["parentSpanId"] = parent;
    span["name"] = name;
    span["kind"] = kind;
    span["startTimeUnixNano"] = std::to_string(start_ns + options_.to_unix_ns);
    span["endTimeUnixNano"] = std::to_string(std::max(start_ns, end_ns) + options_.to_unix_ns);
    span["attributes"] = json::array();
    spans_.push_back(std::move(span));
    return spans_.back();
  }
  std::vector<json>& all() { return spans_; }

 private:
  // The root's and those after it; zero is no id.
  std::string next_id() {
    const std::uint64_t id = root_ + spans_.size() + passed_zero_;
    if (id != 0) return fmt::format("{:016x}", id);
    passed_zero_ = 1;
    return next_id();
  }

  const TraceOptions& options_;
  std::uint64_t root_;
  std::uint64_t passed_zero_ = 0;
  std::vector<json> spans_;
};

void add_root(const RunRecord& record, Spans& spans) {
  json& root = spans.add("run " + record.name, record.phases.warmup_ns, record.phases.end_ns);
  root["attributes"] = {text("fracas.target", record.target), text("fracas.world", record.world),
                        text("fracas.outcome", std::string(name(record.outcome))), number("fracas.seed", record.seed)};
  root["status"] = {{"code", record.exit_code() == 0 ? kOk : kError}, {"message", headline(record).sentence}};
}

void add_phases(const PhaseTimes& phases, Spans& spans) {
  spans.add("phase warm-up", phases.warmup_ns, phases.faults_ns);
  spans.add("phase faults", phases.faults_ns, phases.recover_ns);
  spans.add("phase recovery", phases.recover_ns, phases.end_ns);
}

void add_faults(const RunRecord& record, Spans& spans) {
  for (const model::FaultWindow& fault : record.faults) {
    json& span = spans.add("fault " + fault.kind, fault.start_ns, fault.end_ns);
    std::uint64_t affected = 0;
    for (const model::HostEffect& effect : fault.effects) affected += effect.counters.affected;
    span["attributes"] = {text("fracas.fault", fault.id), text("fracas.victims", fault.description),
                          number("fracas.affected", affected)};
  }
}

void add_checks(const RunRecord& record, Spans& spans) {
  for (const checker::CheckResult& check : record.checks) {
    json& span = spans.add("check " + check.kind, record.phases.end_ns, record.phases.end_ns);
    span["attributes"] = {text("fracas.verdict", std::string(checker::name(check.verdict))),
                          text("fracas.summary", check.summary)};
    span["status"]["code"] = check.verdict == checker::Verdict::violated ? kError : kOk;
  }
}

struct Operation {
  const model::Event* invoke;
  const model::Event* completion;  // null: none
  bool ok() const { return completion != nullptr && checker::answered(*completion); }
};

std::vector<Operation> operations_of(const std::vector<model::Event>& history) {
  std::vector<Operation> operations;
  std::unordered_map<std::string, std::size_t> open;
  for (const model::Event& event : history) {
    if (event.type == model::EventType::invoke) {
      open[event.process] = operations.size();
      operations.push_back({&event, nullptr});
    } else if (const auto found = open.find(event.process); found != open.end()) {
      operations[found->second].completion = &event;
    }
  }
  return operations;
}

void add_operation(const Operation& operation, std::int64_t run_end_ns, Spans& spans) {
  const model::Event& invoke = *operation.invoke;
  const std::int64_t end_ns = operation.completion == nullptr ? run_end_ns : operation.completion->time_ns;
  json& span = spans.add(std::string(model::name(invoke.function)), invoke.time_ns, end_ns, kClient);
  span["attributes"] = {text("fracas.key", invoke.key), text("fracas.client", invoke.process),
                        text("fracas.node", invoke.node)};
  span["status"]["code"] = operation.ok() ? kOk : kError;
  if (operation.completion != nullptr && !operation.completion->error.empty())
    span["status"]["message"] = operation.completion->error;
}

void add_operations(const RunRecord& record, std::size_t most, Spans& spans) {
  std::vector<Operation> operations = operations_of(record.history);
  const auto good = std::stable_partition(operations.begin(), operations.end(),
                                          [](const Operation& operation) { return !operation.ok(); });
  const auto bad = static_cast<std::size_t>(good - operations.begin());
  for (std::size_t i = 0; i < std::min(bad, most); ++i) add_operation(operations[i], record.phases.end_ns, spans);
  if (bad >= most || bad == operations.size()) return;
  const std::size_t step = (operations.size() - bad + most - bad - 1) / (most - bad);
  for (std::size_t i = bad; i < operations.size(); i += step) add_operation(operations[i], record.phases.end_ns, spans);
}

}  // namespace

std::vector<std::string> trace_requests(const RunRecord& record, const TraceOptions& options) {
  Spans spans(options);
  add_root(record, spans);
  add_phases(record.phases, spans);
  add_faults(record, spans);
  add_checks(record, spans);
  add_operations(record, options.operations_max, spans);
  std::vector<std::string> requests;
  for (std::size_t first = 0; first < spans.all().size(); first += kSpansInRequest) {
    const std::size_t last = std::min(first + kSpansInRequest, spans.all().size());
    json batch = json::array();
    for (std::size_t i = first; i < last; ++i) batch.push_back(std::move(spans.all()[i]));
    const json scope{{"scope", {{"name", "fracas"}, {"version", record.fracas_version}}}, {"spans", std::move(batch)}};
    const json resource{{"resource", {{"attributes", json::array({text("service.name", "fracas")})}}},
                        {"scopeSpans", json::array({scope})}};
    const json request{{"resourceSpans", json::array({resource})}};
    requests.push_back(request.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  return requests;
}

}  // namespace fracas::controller
