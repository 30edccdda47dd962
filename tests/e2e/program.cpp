#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fracas::test {
namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Scratch::Scratch() {
  std::string pattern = (fs::temp_directory_path() / "fracas-e2e-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
  ::setenv("FRACAS_STATE", state().c_str(), 1);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Program Program::start(const Scratch& scratch, const std::vector<std::string>& words, int network_namespace) {
  static std::atomic<int> number = 0;
  const fs::path output = scratch.path() / fmt::format("output-{}", number++);
  os::LaunchOptions options;
  options.argv = words;
  options.argv.insert(options.argv.begin(), fracas::tests::bin_dir() + "/fracas");
  options.output = output;
  options.network_namespace = network_namespace;
  options.working_directory = fracas::tests::source_dir();
  ::setenv("FRACAS_STATE", scratch.state().c_str(), 1);  // a test may have several
  auto process = os::Process::launch(options);
  if (!process) throw std::runtime_error(process.error().message);
  return {std::move(*process), output};
}

Program::~Program() {
  const bool moved = process_.pidfd() < 0;
  if (moved || process_.wait_for(std::chrono::milliseconds(0))) return;
  static_cast<void>(process_.signal(SIGTERM));
  if (process_.wait_for(std::chrono::seconds(10))) return;
  static_cast<void>(process_.signal(SIGKILL));
  process_.wait_for(std::chrono::seconds(5));
}

int Program::wait(std::chrono::seconds timeout) {
  const auto ended = process_.wait_for(timeout);
  if (!ended) return -1;
  return ended->signal != 0 ? 128 + ended->signal : ended->code;
}

std::string Program::output() const {
  return content(output_);
}

Ended run(const Scratch& scratch, const std::vector<std::string>& words) {
  Program program = Program::start(scratch, words);
  const int code = program.wait();
  return {code, program.output()};
}

nlohmann::json read_verdict(const fs::path& run_directory) {
  return nlohmann::json::parse(content(run_directory / "verdict.json"), nullptr, false);
}

nlohmann::json faults_of(const fs::path& run_directory) {
  return read_verdict(run_directory).at("faults");
}

std::string experiment(const std::string& name) {
  return fracas::tests::source_dir() + "/experiments/" + name + ".toml";
}

std::vector<pid_t> find_processes(const std::vector<std::string>& words) {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string line = content(entry.path() / "cmdline");
    const bool all = std::all_of(words.begin(), words.end(),
                                 [&](const std::string& word) { return line.find(word) != std::string::npos; });
    if (all && !line.empty()) found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

}  // namespace fracas::test
