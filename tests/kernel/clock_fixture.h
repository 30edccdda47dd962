#pragma once
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "agent/clock/patch.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

// Programs that print what their clocks say, one line of numbers after the other, for clock tests.
namespace fracas::test {

class ClockVictim {
 public:
  explicit ClockVictim(std::vector<std::string> argv) {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-clock-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    os::LaunchOptions launch;
    launch.argv = std::move(argv);
    launch.output = folder_ / "out";
    auto process = os::Process::launch(launch);
    INFO((process ? "" : process.error().message));
    REQUIRE(process);
    process_ = std::make_unique<os::Process>(std::move(*process));
    REQUIRE(comes([](const std::vector<double>&) { return true; }, 20));
  }
  ~ClockVictim() {
    static_cast<void>(process_->signal(SIGKILL));
    static_cast<void>(process_->wait_for(std::chrono::seconds(2)));
    std::filesystem::remove_all(folder_);
  }

  pid_t pid() const { return process_->pid(); }
  os::Process& process() { return *process_; }
  // It ran until now.
  bool alive() { return !process_->wait_for(std::chrono::milliseconds(0)); }

  // The numbers of the last whole line it printed; empty if it printed none.
  std::vector<double> last() const {
    const std::string text = os::read_file(folder_ / "out").value_or("");
    const std::size_t end = text.rfind('\n');
    if (end == std::string::npos || end == 0) return {};
    const std::size_t start = text.rfind('\n', end - 1);
    std::istringstream line(text.substr(start == std::string::npos ? 0 : start + 1, end));
    std::vector<double> numbers;
    for (double number = 0; line >> number;) numbers.push_back(number);
    return numbers;
  }

  // Whether it prints within `seconds` a line that `condition` holds for.
  template <typename Condition>
  bool comes(const Condition& condition, int seconds = 5) const {
    const std::int64_t deadline = os::boot_now_ns() + seconds * 1'000'000'000LL;
    while (os::boot_now_ns() < deadline) {
      if (const auto numbers = last(); !numbers.empty() && condition(numbers)) return true;
      os::sleep_until_boot_ns(os::boot_now_ns() + 2'000'000);
    }
    return false;
  }

  // Its first number comes within 30 ms of `ms`.
  bool shows(double ms, int seconds = 5) const {
    return comes([ms](const std::vector<double>& line) { return std::abs(line.front() - ms) < 30; }, seconds);
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<os::Process> process_;
};

inline std::string clock_victim(const std::string& name) {
  return fracas::tests::bin_dir() + "/../victims/" + name;
}
inline std::string clock_source(const std::string& name) {
  return fracas::tests::source_dir() + "/tests/kernel/victims/" + name;
}

inline bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

// tests/kernel/victims/clock_wall.go, built, because `go run` is a process of its own beside the program.
class GoVictim {
 public:
  GoVictim() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-go-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    REQUIRE(std::system(("cd " + name + " && GOCACHE=" + name + "/cache GOFLAGS=-mod=mod go build -o " + program() +
                         " " + clock_source("clock_wall.go"))
                            .c_str()) == 0);
  }
  ~GoVictim() { std::filesystem::remove_all(folder_); }
  GoVictim(const GoVictim&) = delete;
  GoVictim& operator=(const GoVictim&) = delete;

  std::string program() const { return (folder_ / "clock_wall").string(); }

 private:
  std::filesystem::path folder_;
};

inline constexpr std::uint64_t kClockOwner = 0x1234;

// From now on for an hour.
inline agent::Window clock_hour() {
  const std::int64_t now = os::boot_now_ns();
  return {.start_ns = now, .end_ns = now + 3'600'000'000'000};
}

inline Status set_clock(pid_t pid, const agent::clock::Skew& skew, const agent::Window& window = clock_hour()) {
  return agent::clock::configure(pid, kClockOwner,
                                 agent::clock::make_config(skew, window, agent::clock::ClockReadings::now()));
}

inline bool can_patch_clocks() {
  return ::geteuid() == 0 && std::filesystem::exists(clock_victim("clock_watch"));
}

// Its vDSO is what the kernel made, byte by byte.
bool clock_is_pristine(pid_t pid);

}  // namespace fracas::test
