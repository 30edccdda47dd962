#include "tests/bench/bench_report.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace fracas::bench {
namespace {

std::string written(const Goal& goal) {
  if (goal.side == Goal::Side::none) return "";
  return fmt::format("{} {:g}", goal.side == Goal::Side::at_most ? "<=" : ">=", goal.bound);
}

bool reached(const Goal& goal, double value) {
  return goal.side == Goal::Side::at_most ? value <= goal.bound : value >= goal.bound;
}

}  // namespace

void Report::begin() {
  utsname system{};
  ::uname(&system);
  kernel_ = system.release;
  processors_ = std::thread::hardware_concurrency();
  const std::time_t now = std::time(nullptr);
  tm date{};
  ::gmtime_r(&now, &date);
  date_ = fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
  fmt::print("Linux {}, {} processors, {}\n", kernel_, processors_, date_);
}

void Report::heading(const std::string& text) {
  group_ = text;
  fmt::print("\n{}\n", text);
}

void Report::add(const std::string& what, double value, const std::string& unit, Goal goal) {
  const bool missed = goal.side != Goal::Side::none && !reached(goal, value);
  fmt::print("  {:<64} {:>12.2f} {:<8} {:<9}{}\n", what, value, unit, written(goal), missed ? " missed" : "");
  std::fflush(stdout);
  lines_.push_back({.group = group_, .what = what, .value = value, .unit = unit, .goal = goal, .skipped = {}});
}

void Report::skip(const std::string& what, const std::string& why) {
  fmt::print("  {:<64} not measured: {}\n", what, why);
  lines_.push_back({.group = group_, .what = what, .value = 0, .unit = {}, .goal = {}, .skipped = why});
}

void Report::summarise() const {
  const auto has_goal = [](const Line& line) { return line.skipped.empty() && line.goal.side != Goal::Side::none; };
  const auto good = [&](const Line& line) { return has_goal(line) && reached(line.goal, line.value); };
  fmt::print("\n{} of {} goals reached\n", std::count_if(lines_.begin(), lines_.end(), good),
             std::count_if(lines_.begin(), lines_.end(), has_goal));
}

bool Report::write_json(const std::string& path) const {
  nlohmann::json all = nlohmann::json::array();
  for (const Line& line : lines_) {
    nlohmann::json one = {{"group", line.group}, {"what", line.what}};
    if (!line.skipped.empty()) {
      one["skipped"] = line.skipped;
    } else {
      one["value"] = line.value;
      one["unit"] = line.unit;
      if (line.goal.side != Goal::Side::none) {
        one["goal"] = written(line.goal);
        one["reached"] = reached(line.goal, line.value);
      }
    }
    all.push_back(std::move(one));
  }
  std::ofstream file(path);
  const nlohmann::json whole = {{"kernel", kernel_}, {"processors", processors_}, {"date", date_}, {"lines", all}};
  file << whole.dump(2) << "\n";
  return file.flush().good();
}

}  // namespace fracas::bench
