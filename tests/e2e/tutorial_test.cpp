// What docs/tutorial.md tells a newcomer to type, typed, and what it says they will see, looked for.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;

// Commands, and lines that are seen before the next commands.
struct Step {
  std::string commands;
  std::vector<std::string> seen;
};

std::vector<Step> read_steps() {
  std::istringstream page(content(fracas::tests::source_dir() + "/docs/tutorial.md"));
  std::vector<Step> steps;
  std::string fence;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      fence = fence.empty() ? line : "";
      if (fence == "```sh") steps.emplace_back();
    } else if (fence == "```sh") {
      steps.back().commands += line + "\n";
    } else if (!fence.empty()) {
      steps.back().seen.push_back(line);
    }
  }
  return steps;
}

// What is printed before each step, with its number, and after each command that failed, before its exit code.
const std::string kStep = "=== step ";
const std::string kFailed = "=== exit code ";

// One shell plays all, in an empty folder from which the tree's files are seen and in a network namespace of its own,
// in which no port is taken.
void write_script(const std::filesystem::path& file, const std::vector<Step>& steps) {
  std::ofstream out(file);
  out << "unset FRACAS_SERVER FRACAS_TOKEN\nip link set lo up\nPATH=" << fracas::tests::bin_dir() << ":$PATH\n"
      << "trap 'echo \"" << kFailed << "$?\"' ERR\n";
  for (std::size_t i = 0; i < steps.size(); ++i) out << "echo '" << kStep << i << "'\n" << steps[i].commands;
}

std::string play(const Scratch& scratch, const std::vector<Step>& steps) {
  const std::filesystem::path home = scratch.path() / "home";
  std::filesystem::create_directories(home);
  for (const char* name : {"deploy", "experiments"})
    std::filesystem::create_directory_symlink(fracas::tests::source_dir() + "/" + name, home / name);
  write_script(home / "script", steps);
  fracas::os::LaunchOptions options;
  options.argv = {"/usr/bin/unshare", "--net", "/bin/bash", "script"};
  options.output = scratch.path() / "said";
  options.working_directory = home;
  auto process = fracas::os::Process::launch(options);
  if (!process) return process.error().message;
  if (!process->wait_for(std::chrono::seconds(170))) ::kill(-process->pid(), SIGKILL);
  return content(options.output);
}

// What step number `step` printed.
std::string part_of(const std::string& said, std::size_t step) {
  const std::size_t begin = said.find(fmt::format("{}{}\n", kStep, step));
  return begin == std::string::npos ? "" : said.substr(begin, said.find(kStep, begin + 1) - begin);
}

// Finds a line's words, in which "…" stands for anything, behind `from`; moves it on.
bool find_words(const std::string& said, const std::string& line, std::size_t& from) {
  const std::string anything = "…";
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(anything, at), line.size());
    const std::string words = line.substr(at, end - at);
    const std::size_t found = said.find(words, from);
    if (found == std::string::npos) return false;
    from = found + words.size();
    at = end + anything.size();
  }
  return true;
}

std::string failures(const std::string& said) {
  std::string codes;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(kFailed)) codes += line.substr(kFailed.size()) + " ";
  return codes;
}

}  // namespace

TEST_CASE("tutorial: a newcomer who types what is written sees what is written", "[e2e][gameday][tutorial]") {
  const Scratch scratch;
  const std::vector<Step> steps = read_steps();
  REQUIRE(steps.size() >= 9);
  const std::string said = play(scratch, steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string part = part_of(said, i);
    INFO(steps[i].commands << part);
    CHECK_FALSE(part.empty());
    std::size_t from = 0;
    for (const std::string& line : steps[i].seen) {
      INFO("to be seen: " << line);
      CHECK(find_words(part, line, from));
    }
  }
  INFO(said);
  CHECK(failures(said) == "6 1 1 ");  // a mistake, a store that forgets, a release with a bug
}
