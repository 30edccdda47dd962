#pragma once
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "agent/resources/change.h"
#include "agent/site.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/kernel/patience.h"

// A service of our own in a cgroup of its own, without an agent. Whatever a test leaves is killed and removed at its
// end.
namespace fracas::test {

using namespace std::chrono_literals;

inline bool can_limit_resources() {
  return ::geteuid() == 0 && os::Cgroup::mount_point();
}

template <typename Condition>
bool becomes_true(std::chrono::milliseconds patience, const Condition& condition) {
  const std::int64_t deadline = os::boot_now_ns() + slowness() * patience.count() * 1'000'000;
  while (!condition()) {
    if (os::boot_now_ns() >= deadline) return false;
    os::sleep_until_boot_ns(os::boot_now_ns() + 2'000'000);
  }
  return true;
}

class ResourceVictim {
 public:
  ResourceVictim() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-resources-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    cgroup_ = "fracas-test-" + folder_.filename().string();
    auto made = os::Cgroup::create(cgroup_ + "/svc-victim");
    REQUIRE(made);
    site_.cgroup = made->path();
    site_.spec.name = "victim";
  }
  ~ResourceVictim() {
    if (const auto cgroup = os::Cgroup::open(cgroup_)) {
      static_cast<void>(cgroup->kill_all());
      static_cast<void>(cgroup->remove());
    }
    std::filesystem::remove_all(folder_);
  }

  // Runs a shell script as the service; its output goes to `folder`/output.
  os::Process& run(const std::string& script) {
    site_.spec.argv = {"/bin/sh", "-c", script};
    site_.spec.working_directory = folder_;
    site_.spec.output = folder_ / "output";
    auto started = agent::launch(site_);
    REQUIRE(started);
    process_.emplace(std::move(*started));
    site_.main = os::ProcessIdentity::of(process_->pid()).value();
    return *process_;
  }

  const agent::ServiceSite& site() const { return site_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::string output(const std::string& name = "output") const { return os::read_file(folder_ / name).value_or(""); }
  std::string proc(const std::string& name) const {
    return os::read_file("/proc/" + std::to_string(site_.main.pid) + "/" + name).value_or("");
  }

  // What a ledger would hold.
  agent::RecordSteps recorder() {
    return [this](const std::vector<agent::UndoStep>& steps) -> Status {
      recorded_ = agent::to_json(steps);
      return {};
    };
  }
  // As a guardian would: from the record alone.
  Status undo_from_record() const {
    auto steps = agent::parse_undo_steps(recorded_);
    if (!steps) return failure(std::move(steps).error());
    return agent::undo_steps(*steps);
  }
  const std::string& recorded() const { return recorded_; }

 private:
  std::filesystem::path folder_;
  std::string cgroup_;
  agent::ServiceSite site_;
  std::optional<os::Process> process_;
  std::string recorded_;
};

// Arms a held change from now on and does its first step.
inline void begin(agent::TimedEffect& effect, std::chrono::milliseconds length) {
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(effect.arm({.start_ns = now, .end_ns = now + length.count() * 1'000'000}));
  const auto done = effect.tick(now);
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
}

}  // namespace fracas::test
