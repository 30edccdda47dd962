#pragma once
#include <optional>
#include <string>

#include "controller/report/run_record.h"
#include "lib/base/trace_context.h"

namespace fracas::controller {

struct RunTrace {
  TraceContext root;        // the run's own span
  std::string parent_span;  // of who asked for the run; empty: nobody who traces
};

// A new span for a run: in the trace that TRACEPARENT named when the program began (`above`), or in one of its own. It
// is the trace of the log, and stands in TRACEPARENT for every program the run starts. Thread: the first; nobody reads
// the environment meanwhile.
RunTrace begin_trace(const std::optional<TraceContext>& above);

// Whether there is a collector to send to.
bool wants_traces();

// Sends the run as a trace to OTEL_EXPORTER_OTLP_ENDPOINT, if that is set: OTLP/HTTP with JSON, for at most five
// seconds a request. A collector that does not answer is a warning, never a failure of the run.
void export_trace(const RunRecord& record, const RunTrace& trace);

}  // namespace fracas::controller
