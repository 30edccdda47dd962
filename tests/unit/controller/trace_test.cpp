#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "controller/report/trace.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;
using nlohmann::json;

namespace {

model::Event event(std::int64_t ns, const std::string& process, model::EventType type) {
  model::Event made;
  made.time_ns = ns;
  made.process = process;
  made.type = type;
  return made;
}

// Of `operations` operations every tenth failed.
RunRecord record_of(int operations) {
  RunRecord record;
  record.name = "r";
  record.outcome = Outcome::pass;
  record.phases = {.warmup_ns = 0, .faults_ns = 10, .recover_ns = 1'000'000, .end_ns = 2'000'000};
  model::FaultWindow fault;
  fault.id = "cut#1";
  fault.kind = "net.partition";
  fault.start_ns = 20;
  fault.end_ns = 40;
  record.faults.push_back(fault);
  for (int i = 0; i < operations; ++i) {
    record.history.push_back(event(i * 10, "p", model::EventType::invoke));
    record.history.push_back(event(i * 10 + 5, "p", i % 10 == 0 ? model::EventType::fail : model::EventType::ok));
  }
  return record;
}

std::vector<json> spans_of(const RunRecord& record, const TraceOptions& options) {
  std::vector<json> spans;
  for (const std::string& request : trace_requests(record, options)) {
    const json object = json::parse(request);
    const json& batch = object["resourceSpans"][0]["scopeSpans"][0]["spans"];
    CHECK(batch.size() <= kSpansInRequest);
    for (const json& span : batch) spans.push_back(span);
  }
  return spans;
}

const TraceContext kRoot{.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736", .span_id = "00f067aa0ba902b7"};
const TraceOptions kOptions{.root = kRoot, .to_unix_ns = 1000};

}  // namespace

TEST_CASE("trace: the run is the root, everything else its child, in unix time", "[unit][controller]") {
  const auto spans = spans_of(record_of(3), kOptions);
  REQUIRE(spans.size() == 1 + 3 + 1 + 3);
  CHECK(spans[0]["name"] == "run r");
  CHECK_FALSE(spans[0].contains("parentSpanId"));
  CHECK(spans[0]["spanId"] == kRoot.span_id);
  CHECK(spans[0]["status"]["code"] == 1);
  CHECK(spans[0]["endTimeUnixNano"] == "2001000");
  CHECK(spans[4]["name"] == "fault net.partition");
  CHECK(spans[4]["startTimeUnixNano"] == "1020");
  std::set<std::string> ids;
  for (const json& span : spans) {
    ids.insert(span["spanId"]);
    CHECK(span["traceId"] == kRoot.trace_id);
    CHECK(span["spanId"].get<std::string>().size() == 16);
    if (span != spans[0]) CHECK(span["parentSpanId"] == spans[0]["spanId"]);
  }
  CHECK(ids.size() == spans.size());
  CHECK(spans[5]["status"]["code"] == 2);
}

TEST_CASE("trace: of many operations all that failed go, and an even sample of the others", "[unit][controller]") {
  const auto spans = spans_of(record_of(100'000), {.root = kRoot, .operations_max = 12'000});
  std::size_t failed = 0, ok = 0;
  for (const json& span : spans)
    if (span["kind"] == 3) ++(span["status"]["code"] == 2 ? failed : ok);
  CHECK(failed == 10'000);
  CHECK(ok <= 2'000);
  CHECK(ok > 1'900);
  CHECK(spans_of(record_of(100'000), kOptions).size() == 5 + kTracedOperationsMax);
}

TEST_CASE("trace: a run inside another trace is a child of who asked for it, and no span has the id zero",
          "[unit][controller]") {
  const TraceContext last{.trace_id = kRoot.trace_id, .span_id = "ffffffffffffffff"};
  const auto spans = spans_of(record_of(1), {.root = last, .parent_span = "00f067aa0ba902b7"});
  CHECK(spans[0]["parentSpanId"] == "00f067aa0ba902b7");
  CHECK(spans[1]["spanId"] == "0000000000000001");
  CHECK(spans[1]["parentSpanId"] == last.span_id);
}
