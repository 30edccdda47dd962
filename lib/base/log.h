#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace fracas::log {

enum class Level { debug, info, warning, error };

// Chooses what is written, once, at program start. Lines go to stderr as `TIME LEVEL PROGRAM[ trace_id=ID]: message`.
// It follows FRACAS_LOG=debug|info|warning|error, FRACAS_LOG_FORMAT=json|journal[:SOCKET], JOURNAL_STREAM and
// TRACEPARENT.
void start(std::string_view program, Level level);

void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace fracas::log
