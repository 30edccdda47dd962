#include "lib/base/trace_context.h"

#include <mutex>

namespace fracas {
namespace {

constexpr std::size_t kTraceDigits = 32, kSpanDigits = 16;
constexpr std::string_view kVersion = "00-";
constexpr std::string_view kSampled = "-01";

bool is_id(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<TraceContext> parse_trace(std::string_view text) {
  if (text.size() != kVersion.size() + kTraceDigits + 1 + kSpanDigits + kSampled.size() || !text.starts_with(kVersion))
    return std::nullopt;
  const std::string_view trace = text.substr(kVersion.size(), kTraceDigits);
  const std::string_view span = text.substr(kVersion.size() + kTraceDigits + 1, kSpanDigits);
  const bool parted = text[kVersion.size() + kTraceDigits] == '-' && text[text.size() - kSampled.size()] == '-';
  if (!parted || !is_id(trace) || !is_id(span)) return std::nullopt;
  return TraceContext{.trace_id = std::string(trace), .span_id = std::string(span)};
}

std::string to_text(const TraceContext& context) {
  return std::string(kVersion) + context.trace_id + "-" + context.span_id + std::string(kSampled);
}

namespace log {
namespace {

struct ProgramTrace {
  std::mutex mutex;
  std::optional<TraceContext> context;
};

ProgramTrace& program_trace() {
  static ProgramTrace trace;
  return trace;
}

thread_local std::optional<TraceContext> thread_trace;

}  // namespace

void trace_program(const std::optional<TraceContext>& context) {
  const std::scoped_lock lock(program_trace().mutex);
  program_trace().context = context;
}

void trace_thread(const std::optional<TraceContext>& context) {
  thread_trace = context;
}

std::optional<TraceContext> current_trace() {
  if (thread_trace) return thread_trace;
  const std::scoped_lock lock(program_trace().mutex);
  return program_trace().context;
}

}  // namespace log
}  // namespace fracas
