// Hunts whose tasks run on a cluster of Slurm's: three hosts in network namespaces of this machine.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/slurm_cluster.h"

namespace {

using namespace fracas::test;

constexpr std::chrono::seconds kPatience(150);

Program start_hunt(const Scratch& scratch, const SlurmCluster& cluster, std::vector<std::string> words) {
  words.insert(words.begin(), "hunt");
  words.insert(words.end(), {"--engine", "slurm", "--out", (scratch.path() / "hunts").string()});
  return Program::start(scratch, words, cluster.client_namespace());
}

}  // namespace

TEST_CASE("slurm: a hunt's shares run on three hosts, and those of a host that dies run again", "[e2e]") {
  if (const std::string missing = SlurmCluster::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Scratch scratch;
  SlurmCluster cluster(scratch.path() / "slurm");
  Program hunt = start_hunt(scratch, cluster,
                            {experiment("raft/kill-leader"), "--universes", "210", "--tasks", "7", "--seed", "1"});
  REQUIRE(cluster.wait_for_task(1));
  cluster.kill_host(1);
  const int code = hunt.wait(kPatience);
  INFO(hunt.output());
  CHECK(code == 0);
  CHECK(hunt.output().find("was lost and runs again") != std::string::npos);
  CHECK(hunt.output().find("210 universes in ") != std::string::npos);
  CHECK(hunt.output().find(" 0 violated") != std::string::npos);
}

TEST_CASE("slurm: what a task finds comes back shrunk, and ends the hunt", "[e2e]") {
  if (const std::string missing = SlurmCluster::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Scratch scratch;
  const SlurmCluster cluster(scratch.path() / "slurm");
  Program hunt =
      start_hunt(scratch, cluster,
                 {experiment("canary/stale-read"), "--universes", "100000", "--tasks", "6", "--seed", "1", "--shrink"});
  const int code = hunt.wait(kPatience);
  INFO(hunt.output());
  CHECK(code == 0);  // the canary expects a violation
  CHECK(hunt.output().find("  shrunk in ") != std::string::npos);
  std::size_t smallest = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path() / "hunts")) {
    if (!entry.path().string().ends_with("-shrunk.toml")) continue;
    const auto again = scratch.path() / fmt::format("again-{}", ++smallest);
    CHECK(run(scratch, {"run", entry.path().string(), "--world", "sim", "--out", again.string()}).code == 0);
  }
  CHECK(smallest >= 1);
}
