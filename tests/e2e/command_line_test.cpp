// What a user sees who makes mistakes, presses Ctrl-C, or only looks.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/residue.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;

const std::string kGolden = fracas::tests::source_dir() + "/tests/golden/bad-toml/";

// Waits for a line in the program's output. False if it never came.
bool wait_for_output(const Program& program, const std::string& text) {
  for (int i = 0; i < 600; ++i) {
    if (program.output().find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace

TEST_CASE("command line: every bad experiment gives exactly its line, exit code 6, and touches nothing", "[e2e]") {
  const Scratch scratch;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
    std::filesystem::path file = entry.path();
    if (file.extension() != ".toml") continue;
    ++files;
    std::vector<std::string> words{"run", file.lexically_relative(fracas::tests::source_dir()).string(), "--out",
                                   (scratch.path() / "run").string()};
    std::ifstream overrides(file.replace_extension(".set"));
    for (std::string line; std::getline(overrides, line);) words.insert(words.end(), {"--set", line});
    const Ended ended = run(scratch, words);
    INFO(file);
    CHECK(ended.code == 6);
    CHECK(ended.output == content(file.replace_extension(".expected")));
  }
  CHECK(files >= 20);
  CHECK_FALSE(std::filesystem::exists(scratch.path() / "run"));
  CHECK_FALSE(std::filesystem::exists(scratch.state()));
}

TEST_CASE("command line: unknown words are refused in one line", "[e2e]") {
  const Scratch scratch;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"explode"},
                                                {"run"},
                                                {"run", "x.toml", "--sed", "7"},
                                                {"run", "x.toml", "--seed", "seven"},
                                                {"check", "/no/such/file", "--model", "register"},
                                                {"check", "h.jsonl", "--model", "stack"},
                                                {"explain", "net.dely"}}) {
    const Ended ended = run(scratch, words);
    INFO(ended.output);
    CHECK(ended.code == 6);
    CHECK(std::count(ended.output.begin(), ended.output.end(), '\n') == 1);
  }
}

TEST_CASE("command line: Ctrl-C heals, collects and reports aborted", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  const auto directory = scratch.path() / "run";
  Program program =
      Program::start(scratch, {"run", experiment("raft/partition-majority"), "--out", directory.string()});
  REQUIRE(wait_for_output(program, "fault   split#1"));
  REQUIRE(program.process().signal(SIGINT));
  const int code = program.wait();
  INFO(program.output());
  CHECK(code == 4);
  CHECK(read_verdict(directory).value("outcome", "") == "aborted");
  CHECK(std::filesystem::exists(directory / "report.html"));
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("command line: check judges a run's directory again and comes to the same verdict", "[e2e]") {
  const Scratch scratch;
  const auto directory = (scratch.path() / "run").string();
  REQUIRE(run(scratch, {"run", experiment("canary/stale-read"), "--seed", "2", "--out", directory}).code == 0);
  const Ended again = run(scratch, {"check", directory});
  INFO(again.output);
  CHECK(again.code == 0);
  const Ended alone = run(scratch, {"check", directory + "/history.jsonl", "--model", "register"});
  CHECK(alone.code == 1);
}

TEST_CASE("command line: plan, faults, explain and doctor answer without touching anything", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  CHECK(run(scratch, {"plan", experiment("raft/kill-leader"), "--format", "json"}).code == 0);
  CHECK(run(scratch, {"faults"}).output.find("net.partition") != std::string::npos);
  CHECK(run(scratch, {"explain", "net.delay"}).output.find("jitter") != std::string::npos);
  const Ended doctor = run(scratch, {"doctor"});
  INFO(doctor.output);
  CHECK(doctor.code == 0);
  CHECK(doctor.output.find("process.pause") != std::string::npos);
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}
