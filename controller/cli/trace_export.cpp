#include "controller/cli/trace_export.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "controller/report/trace.h"
#include "controller/target/http_client.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"
#include "lib/pki/digest.h"

namespace fracas::controller {
namespace {

constexpr const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr unsigned kTraceIdBytes = 16, kSpanIdBytes = 8;

// Simulated times begin anywhere: there, the run ended just now.
std::int64_t to_unix(const RunRecord& record) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  return now_ns - (record.world.starts_with("sim") ? record.phases.end_ns : os::boot_now_ns());
}

}  // namespace

RunTrace begin_trace(const std::optional<TraceContext>& above) {
  RunTrace trace{.root = {.trace_id = above ? above->trace_id : pki::random_hex(kTraceIdBytes),
                          .span_id = pki::random_hex(kSpanIdBytes)},
                 .parent_span = above ? above->span_id : ""};
  ::setenv(kTraceVariable, to_text(trace.root).c_str(), 1);
  log::trace_program(trace.root);
  return trace;
}

bool wants_traces() {
  const char* endpoint = std::getenv(kEndpoint);
  return endpoint != nullptr && *endpoint != '\0';
}

void export_trace(const RunRecord& record, const RunTrace& trace) {
  if (!wants_traces()) return;
  std::string base = std::getenv(kEndpoint);
  while (base.ends_with('/')) base.pop_back();
  HttpClient collector(base);
  const TraceOptions options{.root = trace.root, .parent_span = trace.parent_span, .to_unix_ns = to_unix(record)};
  for (const std::string& request : trace_requests(record, options)) {
    const auto reply = collector.request("/v1/traces", request, std::chrono::seconds(5));
    if (reply && reply->status == 200) continue;
    const std::string why = reply ? fmt::format("status {}", reply->status) : reply.error().error;
    return log::warning("{} did not take the trace: {}", base, why);
  }
  fmt::print(stderr, "trace {} is at {}\n", trace.root.trace_id, base);
}

}  // namespace fracas::controller
