#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/site.h"
#include "tests/kernel/agent_fixture.h"

// Processes that no agent has started, on the host of an AgentFixture, for faults that choose their victims by what
// they are.
namespace fracas::test {

// One such process. Ended with the test.
class Stranger {
 public:
  struct Options {
    int network_namespace = -1;      // where; -1: the test's own
    std::filesystem::path cgroup{};  // folder; empty: the test's own
    std::filesystem::path output{};
  };

  Stranger(std::vector<std::string> argv, const Options& options) {
    os::LaunchOptions launch;
    launch.argv = std::move(argv);
    launch.working_directory = "/";
    launch.output = options.output;
    launch.network_namespace = options.network_namespace;
    launch.cgroup = options.cgroup;
    auto process = os::Process::launch(launch);
    INFO((process ? "" : process.error().message));
    REQUIRE(process);
    process_ = std::make_unique<os::Process>(std::move(*process));
    identity_ = os::ProcessIdentity::of(process_->pid()).value();
  }
  Stranger(Stranger&&) noexcept = default;
  Stranger& operator=(Stranger&&) = delete;
  ~Stranger() {
    if (!process_) return;
    static_cast<void>(process_->signal(SIGKILL));
    static_cast<void>(process_->wait_for(5s));
  }

  pid_t pid() const { return process_->pid(); }
  os::Process& process() { return *process_; }
  bool runs() const { return identity_.alive(); }
  bool stopped() const { return agent::state_of(identity_) == 'T'; }

 private:
  std::unique_ptr<os::Process> process_;
  os::ProcessIdentity identity_;
};

// A copy of sleep under a name that no other process of the machine has.
inline std::string sleep_named(const AgentFixture& host, const std::string& name) {
  const auto program = host.folder() / name;
  std::filesystem::copy_file("/bin/sleep", program, std::filesystem::copy_options::skip_existing);
  return program.string();
}
// "sleeper-1a2b", of this fixture alone; 15 characters at most.
inline std::string name_on(const AgentFixture& host, const std::string& word) {
  const std::string folder = host.folder().filename();
  return word + folder.substr(folder.rfind('-'));
}
inline Stranger start_stranger(const AgentFixture& host, const std::string& name, std::filesystem::path cgroup = {}) {
  return Stranger({sleep_named(host, name), "1000"},
                  {.network_namespace = host.netns().fd(), .cgroup = std::move(cgroup)});
}

// Whether the agent would not have it, for a reason that has these words.
inline bool refuses(const AgentFixture& host, const model::Injection& injection, std::string_view words) {
  const auto prepared = host.client().prepare("refused", injection, 5s);
  INFO((prepared ? "it is not refused" : prepared.error().message));
  REQUIRE_FALSE(prepared);
  CHECK(host.ledger_records() == 0);
  const bool says = prepared.error().message.find(words) != std::string::npos;
  CHECK(says);
  return says;
}

}  // namespace fracas::test
