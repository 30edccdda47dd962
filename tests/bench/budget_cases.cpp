#include "tests/bench/budget_cases.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include "checker/linearizability/search.h"
#include "tests/unit/checker/hard_problem.h"

namespace fracas::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

double status_mib(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(field)) return std::stod(line.substr(field.size())) / 1024;
  return 0;
}

std::string end_by_memory(double mib) {
  const double before = status_mib("VmRSS:");
  const auto finding = checker::search(
      checker::tests::hard_problem(),
      {.configurations_per_key = kAnyNumber, .bytes_per_key = static_cast<std::size_t>(mib * 1024 * 1024)});
  if (finding.linearizable != checker::Linearizable::unknown) return "the search has an answer";
  const double used = status_mib("VmHWM:") - before;
  return used > 1.1 * mib ? fmt::format("{:.1f} MiB were used", used) : "";
}

std::string end_by_time(double ms) {
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration<double, std::milli>(ms);
  const auto finding =
      checker::search(checker::tests::hard_problem(), {.configurations_per_key = kAnyNumber,
                                                       .bytes_per_key = std::size_t{4} << 30U,
                                                       .give_up = [end] { return Clock::now() >= end; }});
  if (finding.linearizable != checker::Linearizable::unknown) return "the search has an answer";
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  return took > 1.1 * ms ? fmt::format("it took {:.0f} ms", took) : "";
}

}  // namespace

std::vector<Case> budget_cases() {
  std::vector<Case> cases;
  for (const double mib : {16.0, 64.0, 256.0})
    cases.push_back({fmt::format("budget: {:.0f} MiB for one key", mib), "", {}, {}, [mib]() -> Work {
                       return [mib] { return end_by_memory(mib); };
                     }});
  for (const double ms : {200.0, 2000.0})
    cases.push_back({fmt::format("budget: {:.0f} ms", ms), "", 1.1 * ms, {}, [ms]() -> Work {
                       return [ms] { return end_by_time(ms); };
                     }});
  return cases;
}

}  // namespace fracas::bench
