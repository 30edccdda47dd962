// What a user learns of a system from `fracas classify`, in the simulated world.
#include <nlohmann/json.hpp>

#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;

nlohmann::json classified(const Scratch& scratch, std::vector<std::string> words) {
  words.insert(words.begin(), "classify");
  words.insert(words.end(), {"--world", "sim", "--runs", "2", "--seed", "7", "--out", (scratch.path() / "c").string()});
  const Ended ended = run(scratch, words);
  INFO(ended.output);
  REQUIRE(ended.code == 0);
  return nlohmann::json::parse(content(scratch.path() / "c" / "classification.json"));
}

}  // namespace

TEST_CASE("classify: the Raft store is consistent under partition, and consistent else", "[e2e]") {
  const Scratch scratch;
  const auto found = classified(scratch, {"raft"});
  CHECK(found["under_partition"] == "CP");
  CHECK(found["else"] == "EC");
  CHECK(found["strongest"] == nlohmann::json{"linearizable"});
  CHECK(found["weakest_broken"].empty());
  CHECK(content(scratch.path() / "c" / "classification.md").find("consistent (CP)") != std::string::npos);
}

TEST_CASE("classify: sloppy last-write-wins with one copy is available, quick, and says what it broke where", "[e2e]") {
  const Scratch scratch;
  const auto found =
      classified(scratch, {"quorum", "--set", "target.options.mode=lww", "--set", "target.options.reads=1", "--set",
                           "target.options.writes=1", "--set", "target.options.sloppy=true"});
  CHECK(found["under_partition"] == "AP");
  CHECK(found["else"] == "EL");
  REQUIRE_FALSE(found["weakest_broken"].empty());
  const std::string broken = found["weakest_broken"][0];
  for (const auto& level : found["levels"]) {
    if (level["level"] != broken) continue;
    CHECK(level["evidence"]["counterexample"]["operations"].size() >= 2);
    // The run that shows it was kept.
    CHECK(std::filesystem::exists(std::filesystem::path(std::string(level["evidence"]["run"])) / "report.html"));
  }
}

TEST_CASE("classify: an experiment's own faults are left out, and a target that nobody knows is bad input", "[e2e]") {
  const Scratch scratch;
  const auto found = classified(scratch, {"experiments/canary/stale-read.toml"});
  // Its bug answers reads on a side that was left behind.
  CHECK(found["under_partition"] == "P");
  CHECK(run(scratch, {"classify", "rat", "--world", "sim"}).code == 6);
}
