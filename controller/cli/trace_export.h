#pragma once
#include "controller/report/run_record.h"

namespace fracas::controller {

// Sends the run as a trace to OTEL_EXPORTER_OTLP_ENDPOINT, if that is set: OTLP/HTTP with JSON, for at most five
// seconds a request. A collector that does not answer is a warning, never a failure of the run.
void export_trace(const RunRecord& record);

}  // namespace fracas::controller
