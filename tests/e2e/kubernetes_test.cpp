// Hunts whose tasks run as an indexed Job, by a stand-in for the Kubernetes API whose pods are processes.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas;
using namespace fracas::test;

class StandIn {
 public:
  explicit StandIn(const std::filesystem::path& folder) : folder_(folder), process_(start(folder)) {
    for (int i = 0; i < 300 && content(folder / "port").empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    REQUIRE_FALSE(content(folder / "port").empty());
    std::ofstream(folder / "token") << "secret-1\n";
    std::ofstream(folder / "wrong") << "secret-2\n";
  }
  ~StandIn() {
    static_cast<void>(process_.signal(SIGKILL));
    static_cast<void>(process_.wait_for(std::chrono::seconds(5)));
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  std::vector<std::string> words(const std::string& token) const {
    return {"--engine",
            "kubernetes",
            "--image",
            "fracas:test",
            "--out",
            (folder_ / "hunts").string(),
            "--tasks",
            "3",
            "--kube-api",
            "http://127.0.0.1:" + content(folder_ / "port"),
            "--kube-token",
            (folder_ / token).string(),
            "--kube-namespace",
            "chaos"};
  }
  std::string requests() const { return content(folder_ / "requests"); }

 private:
  static os::Process start(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    os::LaunchOptions options;
    options.argv = {"/usr/bin/python3", tests::source_dir() + "/tests/e2e/kubernetes_api.py", folder.string(),
                    tests::bin_dir() + "/fracas", "secret-1"};
    options.output = folder / "output";
    auto process = os::Process::launch(options);
    if (!process) throw std::runtime_error(process.error().message);
    return *std::move(process);
  }

  std::filesystem::path folder_;
  os::Process process_;
};

Ended hunt(const Scratch& scratch, const std::vector<std::string>& first, const std::vector<std::string>& then) {
  std::vector<std::string> words{"hunt"};
  words.insert(words.end(), first.begin(), first.end());
  words.insert(words.end(), then.begin(), then.end());
  return run(scratch, words);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("kubernetes: every share's record is read, a pod that vanished runs again, and nothing is left", "[e2e]") {
  const Scratch scratch;
  const StandIn api(scratch.path() / "api");
  const Ended ended =
      hunt(scratch, {experiment("raft/kill-leader"), "--universes", "20", "--seed", "1"}, api.words("token"));
  INFO(ended.output);
  INFO(api.requests());
  CHECK(ended.code == 0);
  CHECK(ended.output.find("share 1 was lost and runs again") != std::string::npos);
  CHECK(ended.output.find("20 universes in ") != std::string::npos);
  CHECK(count(api.requests(), "POST /apis/batch/v1/namespaces/chaos/jobs") == 2);
  CHECK(count(api.requests(), "DELETE /apis/batch/v1/namespaces/chaos/jobs/") == 2);
  CHECK(count(api.requests(), "DELETE /api/v1/namespaces/chaos/configmaps/") == 1);
}

TEST_CASE("kubernetes: violations come back shrunk", "[e2e]") {
  const Scratch scratch;
  const StandIn api(scratch.path() / "api");
  const Ended ended = hunt(scratch, {experiment("canary/stale-read"), "--universes", "30", "--seed", "1", "--shrink"},
                           api.words("token"));
  INFO(ended.output);
  CHECK(ended.code == 0);  // the canary expects a violation
  CHECK(ended.output.find("  shrunk in ") != std::string::npos);
}

TEST_CASE("kubernetes: what the API refuses is said in its words", "[e2e]") {
  const Scratch scratch;
  const StandIn api(scratch.path() / "api");
  const Ended ended = hunt(scratch, {experiment("raft/kill-leader")}, api.words("wrong"));
  CHECK(ended.code == 5);
  CHECK(ended.output == "fracas hunt: /api/v1/namespaces/chaos/configmaps: 401 Unauthorized\n");
}
