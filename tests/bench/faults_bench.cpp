// What faults cost, how exact they are, and how fast they come and go: ./dev bench faults. Prints a table with each
// figure's baseline of the same run and the goal it must reach; --json FILE writes the same, --only NAME one part of
// it. Needs root. Takes about two minutes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "tests/bench/clock_bench.h"
#include "tests/bench/net_bench.h"

int main(int argc, char** argv) {
  using namespace fracas::bench;
  std::string json;
  std::string only;
  CLI::App app("Benchmarks of the fault engine.", "bench_faults");
  app.add_option("--json", json, "file to write the results to");
  app.add_option("--only", only, "packets, changes, throughput, delays, netem or clocks")
      ->check(CLI::IsMember({"packets", "changes", "throughput", "delays", "netem", "clocks"}));
  CLI11_PARSE(app, argc, argv);
  if (::geteuid() != 0) {
    std::fprintf(stderr, "bench_faults: needs root\n");
    return 5;
  }
  Report report;
  report.begin();
  const struct {
    const char* name;
    void (*run)(Report& report);
  } parts[] = {{"clocks", bench_clock},          {"packets", bench_packets}, {"changes", bench_changes},
               {"throughput", bench_throughput}, {"delays", bench_delays},   {"netem", bench_beside_netem}};
  for (const auto& part : parts)
    if (only.empty() || only == part.name) part.run(report);
  report.summarise();
  if (json.empty() || report.write_json(json)) return 0;
  std::fprintf(stderr, "bench_faults: %s cannot be written\n", json.c_str());
  return 5;
}
