#include "lib/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lib/base/journal.h"
#include "lib/base/trace_context.h"

namespace fracas::log {
namespace {

spdlog::level::level_enum native(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Set once, before there are threads.
struct Form {
  std::string program;
  bool json = false;
  std::optional<Journal> journal;  // instead of stderr
};

Form& form() {
  static Form chosen;
  return chosen;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_file(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// Where nobody says otherwise, a service whose stderr is the journal's has fields there, too. Lines for a file stay in
// it: a lab's logs are part of its run's directory.
std::optional<Journal> find_journal(const std::string& format) {
  constexpr std::string_view kJournal = "journal", kElsewhere = "journal:";
  if (format.empty() && is_journal_stream(std::getenv("JOURNAL_STREAM"), STDERR_FILENO))
    return Journal::open(kJournalSocket);
  if (!is_file(STDERR_FILENO) && format == kJournal) return Journal::open(kJournalSocket);
  if (!is_file(STDERR_FILENO) && format.starts_with(kElsewhere)) return Journal::open(format.substr(kElsewhere.size()));
  return std::nullopt;
}

// As syslog(3) counts them.
std::string_view priority_of(Level level) {
  switch (level) {
    case Level::debug:
      return "7";
    case Level::info:
      return "6";
    case Level::warning:
      return "4";
    case Level::error:
      return "3";
  }
  return "6";
}

std::string entry_of(Level level, const std::optional<TraceContext>& trace, std::string_view message) {
  std::string entry =
      journal_entry({{"MESSAGE", message}, {"PRIORITY", priority_of(level)}, {"SYSLOG_IDENTIFIER", form().program}});
  if (trace) entry += journal_entry({{"TRACE_ID", trace->trace_id}, {"SPAN_ID", trace->span_id}});
  return entry;
}

// Behind the time and the level, which the library writes.
std::string text_line(const std::optional<TraceContext>& trace, std::string_view message) {
  const std::string id = trace ? " trace_id=" + trace->trace_id : "";
  return form().program + id + ": " + std::string(message);
}

// The rest of an object that the library's pattern has begun.
std::string json_line(const std::optional<TraceContext>& trace, std::string_view message) {
  nlohmann::ordered_json object{{"program", form().program}};
  if (trace) object["trace_id"] = trace->trace_id;
  object["message"] = message;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(1);
}

}  // namespace

void start(std::string_view program, Level level) {
  const std::string format = variable("FRACAS_LOG_FORMAT");
  form().program = program;
  form().json = format == "json";
  form().journal.reset();
  if (auto journal = find_journal(format)) form().journal.emplace(std::move(*journal));
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("fracas", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern(form().json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)"
                                  : "%Y-%m-%dT%H:%M:%S.%e %l %v");
  spdlog::set_level(native(level));
  if (const std::string wanted = variable("FRACAS_LOG"); !wanted.empty())
    spdlog::set_level(spdlog::level::from_str(wanted));
  trace_program(parse_trace(variable(kTraceVariable)));
}

void write(Level level, std::string_view message) {
  if (!spdlog::should_log(native(level))) return;
  const auto trace = current_trace();
  if (form().journal && form().journal->send(entry_of(level, trace, message))) return;
  spdlog::log(native(level), "{}", form().json ? json_line(trace, message) : text_line(trace, message));
}

}  // namespace fracas::log
