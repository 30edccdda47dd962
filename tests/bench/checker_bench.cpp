// How fast the checker decides, and with how much memory: a table, and JSON. Every history is made here, from a seed.
//   bench_checker [--json FILE] [WORD...]     only the rows whose names contain one of the words
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/bench/checker_cases.h"
#include "tests/bench/object_cases.h"
#include "tests/bench/transaction_cases.h"

namespace {

using namespace fracas;

bool chosen(const bench::Case& each, const std::vector<std::string_view>& words) {
  return words.empty() || std::any_of(words.begin(), words.end(),
                                      [&](std::string_view word) { return each.name.find(word) != std::string::npos; });
}

bool met(const bench::Case& each, const bench::Measured& measured) {
  return measured.wrong.empty() && (!each.ms_max || measured.ms <= *each.ms_max) &&
         (!each.mib_max || measured.mib <= *each.mib_max);
}

std::string goal_text(const bench::Case& each) {
  if (!each.ms_max) return "";
  return each.mib_max ? fmt::format("{} ms, {} MiB", *each.ms_max, *each.mib_max) : fmt::format("{} ms", *each.ms_max);
}

void print_row(const bench::Case& each, const bench::Measured& measured) {
  const std::string verdict = !measured.wrong.empty() ? "WRONG: " + measured.wrong
                              : !each.ms_max          ? ""
                              : met(each, measured)   ? "met"
                                                      : "MISSED";
  fmt::print("| {:<58} | {:>9.2f} | {:>9.2f} | {:>7.1f} | {:<14} | {:<34} | {} |\n", each.name, measured.ms,
             measured.cpu_ms, measured.mib, goal_text(each), each.rival, verdict);
  std::fflush(stdout);
}

nlohmann::ordered_json row_json(const bench::Case& each, const bench::Measured& measured) {
  nlohmann::ordered_json row{{"case", each.name},
                             {"ms", measured.ms},
                             {"cpu_ms", measured.cpu_ms},
                             {"mib", measured.mib},
                             {"met", met(each, measured)}};
  if (each.ms_max) row["ms_max"] = *each.ms_max;
  if (each.mib_max) row["mib_max"] = *each.mib_max;
  if (!measured.wrong.empty()) row["wrong"] = measured.wrong;
  return row;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> words(argv + 1, argv + argc);
  std::string file;
  if (const auto at = std::find(words.begin(), words.end(), "--json"); at != words.end() && at + 1 != words.end()) {
    file = *(at + 1);
    words.erase(at, at + 2);
  }
  auto rows = nlohmann::ordered_json::array();
  bool right = true;
  fmt::print("| case | ms | CPU ms | MiB | goal | others need | |\n|---|---|---|---|---|---|---|\n");
  std::vector<bench::Case> cases = bench::linearizability_cases();
  for (bench::Case& each : bench::object_cases()) cases.push_back(std::move(each));
  for (bench::Case& each : bench::transaction_cases()) cases.push_back(std::move(each));
  for (const bench::Case& each : cases) {
    if (!chosen(each, words)) continue;
    const bench::Measured measured = bench::measure(each);
    right = right && measured.wrong.empty();
    rows.push_back(row_json(each, measured));
    print_row(each, measured);
  }
  if (!file.empty()) std::ofstream(file) << rows.dump(2) << "\n";
  return right ? 0 : 1;
}
