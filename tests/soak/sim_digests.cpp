// What simulated universes came to, as one number each: for comparing two builds, which must agree on every line.
//   soak_sim_digests EXPERIMENT... --seeds 20 > before
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "controller/hunt/universe.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.h"

namespace {

using namespace fracas;

// Source: Fowler, Noll and Vo, FNV-1a with 64 bits.
class Digest {
 public:
  void add(const std::string& text) {
    for (const char c : text) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    value_ = (value_ ^ '\n') * 0x100000001b3U;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

std::uint64_t digest_of(const controller::RunRecord& record) {
  Digest digest;
  for (const auto& event : record.history) digest.add(to_json_line(event));
  for (const auto& event : record.node_events) digest.add(to_json_line(event));
  for (const auto& fault : record.faults) {
    digest.add(fmt::format("{} {} {} {}", fault.id, fault.start_ns, fault.end_ns, fault.description));
    for (const auto& effect : fault.effects)
      digest.add(fmt::format("{} {} {}", effect.host, effect.counters.matched, effect.counters.affected));
  }
  digest.add(fmt::format("{} {}", static_cast<int>(record.outcome), record.reason));
  for (const auto& check : record.checks) digest.add(fmt::format("{} {}", check.kind, static_cast<int>(check.verdict)));
  return digest.value();
}

bool print(const std::string& path, std::uint64_t seeds) {
  model::ReadOptions options;
  options.bugs_known = controller::bugs_known();
  options.overrides = {"world.kind=sim"};
  const auto file = model::read_experiment(path, options);
  if (!file) {
    fmt::print(stderr, "{}\n", file.error().message);
    return false;
  }
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto timeline = controller::plan(*file, seed);
    if (!timeline) {
      fmt::print(stderr, "{}\n", timeline.error().message);
      return false;
    }
    const auto record = controller::simulate(file->experiment(), *timeline);
    fmt::print("{} {} {} {:016x}\n", path, seed, record.history.size(), digest_of(record));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Prints a digest of what happened in each of some simulated universes."};
  std::vector<std::string> experiments;
  std::uint64_t seeds = 20;
  app.add_option("EXPERIMENT", experiments, "files")->required();
  app.add_option("--seeds", seeds, "how many of each, from 1");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& experiment : experiments)
    if (!print(experiment, seeds)) return 1;
  return 0;
}
