#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "controller/report/run_record.h"
#include "lib/base/trace_context.h"

// A run as a trace of OpenTelemetry: the run is the root span; phases, faults, checks and operations are its children.
// Source: opentelemetry-proto, trace.proto, in its JSON form for OTLP/HTTP.
namespace fracas::controller {

// Of the operations at most so many are spans: those that failed or are unknown first, then an even sample.
inline constexpr std::size_t kTracedOperationsMax = 2000;
inline constexpr std::size_t kSpansInRequest = 500;

struct TraceOptions {
  TraceContext root;            // the run's own span; those of its parts count on from it
  std::string parent_span{};    // what the run itself is a part of; empty: nothing
  std::int64_t to_unix_ns = 0;  // what is added to the record's times to get nanoseconds since 1970
  std::size_t operations_max = kTracedOperationsMax;
};

// The bodies of the requests to /v1/traces, each with at most kSpansInRequest spans. Pure.
std::vector<std::string> trace_requests(const RunRecord& record, const TraceOptions& options);

}  // namespace fracas::controller
