#include "lib/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

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

}  // namespace

void start(std::string_view program, Level level) {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>(std::string(program), std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
  spdlog::set_level(native(level));
  if (const char* wanted = std::getenv("FRACAS_LOG")) spdlog::set_level(spdlog::level::from_str(wanted));
}

void write(Level level, std::string_view message) {
  spdlog::log(native(level), "{}", message);
}

}  // namespace fracas::log
