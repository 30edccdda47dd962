// What docs/tutorial.md tells a newcomer to type, typed.
#include <filesystem>
#include <fstream>
#include <string>

#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;

// The code of a section of the tutorial, by the words of its heading.
std::string code_of(const std::string& heading) {
  const std::string text = content(fracas::tests::source_dir() + "/docs/tutorial.md");
  const std::size_t section = text.find(heading);
  const std::size_t begin = text.find("```\n", section) + 4;
  const std::size_t end = text.find("```\n", begin);
  return section == std::string::npos || end == std::string::npos ? "" : text.substr(begin, end - begin);
}

// Plays a script in an empty folder from which the tree's files are seen, and in a network namespace of its own, in
// which no port is taken; what it printed.
Ended play(const Scratch& scratch, const std::string& script) {
  namespace fs = std::filesystem;
  const fs::path home = scratch.path() / "home";
  fs::create_directories(home);
  for (const char* name : {"deploy", "experiments"})
    fs::create_directory_symlink(fracas::tests::source_dir() + "/" + name, home / name);
  std::ofstream(home / "script") << "set -e\nunset FRACAS_SERVER FRACAS_TOKEN\nip link set lo up\nPATH="
                                 << fracas::tests::bin_dir() << ":$PATH\n"
                                 << script;
  fracas::os::LaunchOptions options;
  options.argv = {"/usr/bin/unshare", "--net", "/bin/bash", "script"};
  options.output = scratch.path() / "said";
  options.working_directory = home;
  auto process = fracas::os::Process::launch(options);
  if (!process) return {-1, process.error().message};
  const auto ended = process->wait_for(std::chrono::seconds(90));
  return {ended ? ended->code : -1, content(options.output)};
}

}  // namespace

TEST_CASE("tutorial: the game day goes as it is written", "[e2e][gameday]") {
  const Scratch scratch;
  const std::string code = code_of("## 5. Make it a game day");
  REQUIRE(code.find("fracas gameday start rehearsal") != std::string::npos);
  const Ended ended = play(scratch, code);
  INFO(ended.output);
  CHECK(ended.code == 0);
  CHECK(ended.output.find("rehearsal: done") != std::string::npos);
  CHECK(ended.output.find("p99 is up") != std::string::npos);
}
