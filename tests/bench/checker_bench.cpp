// How fast the checker decides, and with how much memory: a table, and JSON. Every history is made here, from a seed.
//   bench_checker [--json FILE] [WORD...]     only the rows whose names contain one of the words
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/bench/budget_cases.h"
#include "tests/bench/checker_cases.h"
#include "tests/bench/object_cases.h"
#include "tests/bench/streaming_cases.h"
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
  return each.mib_max ? fmt::format("{:g} ms, {:g} MiB", *each.ms_max, *each.mib_max)
                      : fmt::format("{:g} ms", *each.ms_max);
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

// How much more an operation costs in the largest row of each family than in the smallest.
struct Growth {
  std::int64_t operations_least = 0, operations_most = 0;
  bench::Measured least, most;

  void add(const bench::Case& each, const bench::Measured& measured) {
    if (operations_least == 0 || each.operations < operations_least)
      operations_least = each.operations, least = measured;
    if (each.operations > operations_most) operations_most = each.operations, most = measured;
  }
  double times_larger() const { return static_cast<double>(operations_most) / static_cast<double>(operations_least); }
};

void print_growth(const std::map<std::string, Growth>& families) {
  constexpr double kProgramMib = 4;  // the program alone
  fmt::print("\n| growth | operations | time per operation | memory per operation | goal |\n|---|---|---|---|---|\n");
  for (const auto& [name, growth] : families) {
    if (growth.operations_most == growth.operations_least) continue;
    const double time = growth.most.cpu_ms / growth.least.cpu_ms / growth.times_larger();
    const double memory = (growth.most.mib - kProgramMib) / (growth.least.mib - kProgramMib) / growth.times_larger();
    fmt::print("| {:<24} | {} to {} | x {:.2f} | x {:.2f} | x 2: {} |\n", name, growth.operations_least,
               growth.operations_most, time, memory, time <= 2 && memory <= 2 ? "met" : "MISSED");
  }
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
  for (bench::Case& each : bench::streaming_cases()) cases.push_back(std::move(each));
  for (bench::Case& each : bench::budget_cases()) cases.push_back(std::move(each));
  for (bench::Case& each : bench::transaction_cases()) cases.push_back(std::move(each));
  std::map<std::string, Growth> families;
  for (const bench::Case& each : cases) {
    if (!chosen(each, words)) continue;
    const bench::Measured measured = bench::measure(each);
    right = right && measured.wrong.empty();
    rows.push_back(row_json(each, measured));
    print_row(each, measured);
    if (!each.family.empty()) families[each.family].add(each, measured);
  }
  if (!families.empty()) print_growth(families);
  if (!file.empty()) std::ofstream(file) << rows.dump(2) << "\n";
  return right ? 0 : 1;
}
