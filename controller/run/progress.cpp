#include "controller/run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "controller/world/waiting.h"
#include "lib/base/quantity.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::size_t kWidth = 118;

}  // namespace

Progress::Style Progress::fitting_style() {
  return ::isatty(STDERR_FILENO) == 1 ? Style::live : Style::lines;
}

Progress::Progress(Style style) : style_(style) {
  if (style_ != Style::quiet)
    redraw_ = std::jthread([this](const std::stop_token& stopping) { redraw_until_stopped(stopping); });
}

Progress::~Progress() {
  if (redraw_.joinable()) {
    redraw_.request_stop();
    redraw_.join();
  }
  if (line_is_open_) fmt::print(stderr, "{}", kClearLine);
}

void Progress::print_locked(const std::string& line) {
  if (style_ == Style::quiet) return;
  if (line_is_open_) fmt::print(stderr, "{}", kClearLine);
  line_is_open_ = false;
  fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

void Progress::note(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  print_locked(line);
}

void Progress::phase(const std::string& name, std::int64_t end_ns) {
  const std::scoped_lock lock(mutex_);
  phase_ = name;
  phase_end_ns_ = end_ns;
  const auto rest = Duration(std::max<std::int64_t>(0, end_ns - os::boot_now_ns()));
  print_locked(fmt::format("{:<9} {}", name, describe_duration(rest)));
}

void Progress::fault(const model::FaultWindow& window, FaultMoment moment) {
  const std::scoped_lock lock(mutex_);
  if (moment == FaultMoment::failed)
    return print_locked(fmt::format("  missed  {} {}: {}", window.id, window.kind, window.description));
  if (moment == FaultMoment::armed) {
    active_[window.id] = window.description;
    print_locked(fmt::format("  fault   {} {}: {}", window.id, window.kind, window.description));
    return;
  }
  active_.erase(window.id);
  std::uint64_t affected = 0;
  for (const model::HostEffect& effect : window.effects) affected += effect.counters.affected;
  print_locked(fmt::format("  healed  {} after {}, {} affected", window.id,
                           describe_duration(Duration(window.end_ns - window.start_ns)), affected));
}

void Progress::watch(const Recorder& recorder, std::function<std::string()> leader,
                     std::function<std::string()> verdict) {
  const std::scoped_lock lock(mutex_);
  recorder_ = &recorder;
  leader_ = std::move(leader);
  verdict_ = std::move(verdict);
  last_ = {};
}

void Progress::unwatch() {
  const std::scoped_lock lock(mutex_);
  recorder_ = nullptr;
  leader_ = {};
  verdict_ = {};
}

std::string Progress::line_locked(const HistoryCounts& now, double seconds) {
  const double rest_s = static_cast<double>(std::max<std::int64_t>(0, phase_end_ns_ - os::boot_now_ns())) / 1e9;
  std::string leader = leader_ ? leader_() : "";
  if (leader.empty()) leader = "nobody";
  std::string line = fmt::format("{} {:.0f}s left | {:.0f} ops/s | ok {} fail {} unknown {} | {} leads", phase_, rest_s,
                                 static_cast<double>(now.ok - last_.ok) / seconds, now.ok, now.fail, now.info, leader);
  if (const std::string verdict = verdict_ ? verdict_() : ""; !verdict.empty()) line += " | " + verdict;
  for (const auto& [id, description] : active_) line += fmt::format(" | {}: {}", id, description);
  if (line.size() > kWidth) {
    std::size_t end = kWidth;
    while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;  // not in the midst of a character
    line.resize(end);
  }
  last_ = now;
  return line;
}

void Progress::redraw_until_stopped(const std::stop_token& stopping) {
  const double seconds = style_ == Style::live ? 0.25 : 5;
  std::int64_t next_ns = os::boot_now_ns();
  while (true) {
    next_ns += static_cast<std::int64_t>(seconds * 1e9);
    if (!sleep_until(next_ns, stopping)) return;
    const std::scoped_lock lock(mutex_);
    if (!recorder_) continue;
    const std::string line = line_locked(recorder_->counts(), seconds);
    if (style_ == Style::live) {
      fmt::print(stderr, "{}{}", kClearLine, line);
      std::fflush(stderr);
      line_is_open_ = true;
    } else {
      print_locked("  " + line);
    }
  }
}

}  // namespace fracas::controller
