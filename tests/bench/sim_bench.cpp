// How fast the simulated world runs, with checking and without, and what a node of a large cluster costs. Prints a
// table. Takes about a minute.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "controller/hunt/hunt.h"
#include "controller/sim/simulate.h"
#include "lib/model/experiment.h"
#include "tests/bench/bench_report.h"

namespace {

using namespace fracas;
using namespace fracas::controller;

struct Row {
  std::string name;
  std::string text;  // the experiment
  bench::Goal goal{};
  unsigned nodes = 0;  // of a large cluster, run once: what each of them costs is said, too; 0: not
};

constexpr const char* kShape = R"(
name = "bench"
duration_max = "5m"
world = {{ kind = "sim", nodes = {} }}
target = {{ kind = "raft" }}
workload = {{ kind = "{}", clients = {}, rate = "{}/s" }}
phases = {{ warmup = "1s", faults = "58s", recover = "1s" }}
{}
[[check]]
kind = "linearizable"
[[check]]
kind = "raft"
)";

constexpr const char* kFaults = R"(
[[fault]]
kind = "process.kill"
on = "one"
every = "3s"
for = "1s"
restart_after = "500ms"
[[fault]]
kind = "net.partition"
at = "1500ms"
for = "1s"
every = "3s"
)";

std::string experiment(unsigned nodes, const char* workload, unsigned clients, unsigned rate, const char* faults) {
  return fmt::format(kShape, nodes, workload, clients, rate, faults);
}

// A thousand members tell each other who is alive twice a second, as in stores of that size; the default is for five.
constexpr const char* kRing = R"(
name = "ring"
duration_max = "5m"
world = { kind = "sim", nodes = 1000 }
target = { kind = "quorum", options = { gossip = "500ms", anti_entropy = "2s", virtual_nodes = 4 } }
workload = { kind = "register", clients = 50, rate = "2000/s", keys = 1000 }
phases = { warmup = "1s", faults = "8s", recover = "1s" }
[[check]]
kind = "linearizable"
)";

// Heartbeats to a hundred members are rarer than to four.
constexpr const char* kGroup = R"(
name = "group"
duration_max = "5m"
world = { kind = "sim", nodes = 101 }
target = { kind = "raft", options = { election_timeout = "600ms", heartbeat = "200ms" } }
workload = { kind = "append", clients = 10, rate = "200/s" }
phases = { warmup = "1s", faults = "18s", recover = "1s" }
[[check]]
kind = "linearizable"
[[check]]
kind = "raft"
)";

double memory_mib() {
  rusage usage{};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<double>(usage.ru_maxrss) / 1024 : 0;
}

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// The fastest of three runs, or of one where the cluster is large.
bool measure(const Row& row, bench::Report& report) {
  const auto file = model::read_experiment_text(row.text, row.name);
  if (!file) {
    fmt::print(stderr, "bench_sim: {}\n", file.error().message);
    return false;
  }
  double total = 1e9;
  SimCost cost;
  for (int i = 0; i < (row.nodes > 0 ? 1 : 3); ++i) {
    const double begin = processor_seconds();
    const auto timeline = plan(*file, 1);
    if (!timeline) return false;
    const RunRecord record = simulate(file->experiment(), *timeline, &cost);
    if (record.outcome != Outcome::pass) {
      fmt::print(stderr, "bench_sim: {}: {}\n", row.name, record.reason);
      return false;
    }
    total = std::min(total, processor_seconds() - begin);
  }
  const double simulated = static_cast<double>(cost.simulated.count()) / 1e9;
  report.heading(row.name);
  report.add("times real time, planned, run and judged", simulated / total, "x", row.goal);
  report.add("times real time, run only", simulated / cost.run_seconds, "x");
  report.add("events a second", static_cast<double>(cost.actions) / cost.run_seconds / 1e6, "million");
  report.add("packets a second", static_cast<double>(cost.packets) / cost.run_seconds / 1e6, "million");
  if (row.nodes > 0) {
    report.add("a node's second takes", cost.run_seconds / simulated / row.nodes * 1e6, "us");
    report.add("memory, at most so far", memory_mib(), "MiB");
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the simulated world."};
  std::string json;
  app.add_option("--json", json, "write the results to this file");
  CLI11_PARSE(app, argc, argv);
  const std::vector<Row> rows{
      {"5 nodes, 10 clients, 200 appends and reads a second", experiment(5, "append", 10, 200, ""),
       bench::at_least(1000)},
      {"the same under kills and partitions", experiment(5, "append", 10, 200, kFaults), bench::at_least(1000)},
      {"5 nodes, 10 clients, registers", experiment(5, "register", 10, 200, ""), bench::at_least(1000)},
      {"3 nodes, 10 clients", experiment(3, "append", 10, 200, ""), {}},
      {"15 nodes, 10 clients", experiment(15, "append", 10, 200, ""), {}},
      {"5 nodes, 50 clients, 2,000 operations a second", experiment(5, "append", 50, 2000, ""), {}},
      {"101 nodes of the Raft store, 10 clients, 200 operations a second", kGroup, {}, 101},
      {"1,000 nodes of the quorum store, 50 clients, 2,000 operations a second", kRing, {}, 1000},
  };
  bench::Report report;
  keep_memory();
  for (const Row& row : rows)
    if (!measure(row, report)) return 1;
  report.summarise();
  return json.empty() || report.write_json(json) ? 0 : 1;
}
