#include "lib/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

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
};

Form& form() {
  static Form chosen;
  return chosen;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
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
  form() = {.program = std::string(program), .json = variable("FRACAS_LOG_FORMAT") == "json"};
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
  spdlog::log(native(level), "{}", form().json ? json_line(trace, message) : text_line(trace, message));
}

}  // namespace fracas::log
