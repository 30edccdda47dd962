#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace fracas {

// The piece of work, beyond one process, that something is done for. Source: W3C Trace Context, "traceparent header";
// OpenTelemetry, "Environment variables as context propagation carriers".
struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all zero
  std::string span_id;   // 16 of them, not all zero: the span that what is done next is a child of

  bool operator==(const TraceContext&) const = default;
};

// Where processes find it: they inherit it from who started them.
inline constexpr const char* kTraceVariable = "TRACEPARENT";
// Where servers find it in a request.
inline constexpr const char* kTraceHeader = "traceparent";

// Reads "00-TRACE-SPAN-FLAGS". Nothing where it is anything else.
std::optional<TraceContext> parse_trace(std::string_view text);
std::string to_text(const TraceContext& context);

}  // namespace fracas

// Which trace the lines of the log name, as `trace_id`. Thread: any.
namespace fracas::log {

// From now on in this program.
void trace_program(const std::optional<TraceContext>& context);
// From now on in this thread, before the program's; nothing: as the program.
void trace_thread(const std::optional<TraceContext>& context);
std::optional<TraceContext> current_trace();

}  // namespace fracas::log
