#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/os/process.h"

namespace fracas::test {

// A folder of its own for one test case, with the programs' state in it; removed with the object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string state() const { return (path_ / "state").string(); }

 private:
  std::filesystem::path path_;
};

// The whole file; empty if there is none.
std::string content(const std::filesystem::path& path);

// One call of `fracas` from the top of the tree, its stdout and stderr in a file. What still runs when its object goes,
// as after a failed check, is ended: SIGTERM, then SIGKILL.
class Program {
 public:
  ~Program();
  Program(Program&&) = default;
  Program& operator=(Program&&) = default;
  // In the network namespace of that descriptor, or in ours, with the scratch folder's state.
  static Program start(const Scratch& scratch, const std::vector<std::string>& words, int network_namespace = -1);

  os::Process& process() { return process_; }
  pid_t pid() const { return process_.pid(); }
  // Waits for the end; the exit code, 128 + signal, or -1 when it did not end in time.
  int wait(std::chrono::seconds timeout = std::chrono::seconds(120));
  std::string output() const;

 private:
  Program(os::Process process, std::filesystem::path output)
      : process_(std::move(process)), output_(std::move(output)) {}
  os::Process process_;
  std::filesystem::path output_;
};

struct Ended {
  int code = -1;
  std::string output;
};
Ended run(const Scratch& scratch, const std::vector<std::string>& words);

// What a run wrote down about its end.
nlohmann::json read_verdict(const std::filesystem::path& run_directory);
// The verdict's faults, as a value: a loop over a part of a temporary would see nothing.
nlohmann::json faults_of(const std::filesystem::path& run_directory);

// Of an experiment of the library: "raft/kill-leader" is experiments/raft/kill-leader.toml.
std::string experiment(const std::string& name);

// Processes whose command line contains all the words.
std::vector<pid_t> find_processes(const std::vector<std::string>& words);

}  // namespace fracas::test
