#include "agent/resources/stress_crew.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "agent/resources/controller_group.h"
#include "agent/resources/stress_control.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::int64_t kFirstLeaseNs = 5'000'000'000;
constexpr std::int64_t kRegisterWaitNs = 5'000'000'000;

Status check(const StressOrder& order) {
  if (order.workers < 1 || order.workers > kStressWorkersMax)
    return failure(fmt::format("workers must be 1 to {}", kStressWorkersMax), EINVAL);
  if (order.kind == StressKind::cpu && !(order.share > 0 && order.share <= 1))
    return failure("a worker's share of a CPU must be above 0 and at most 1", EINVAL);
  if (order.kind != StressKind::cpu && order.bytes == 0) return failure("bytes must be above 0", EINVAL);
  if (!(order.rate_per_second >= 0 && order.rate_per_second <= 1e6))
    return failure("writes a second must be 0 to 1000000", EINVAL);
  if (order.oom_score < -1000 || order.oom_score > 1000) return failure("oom_score must be -1000 to 1000", EINVAL);
  return {};
}

class StressCrew final : public Effect {
 public:
  StressCrew(const StressOrder& order, const StressPlace& place, StressControlFile control)
      : order_(order), place_(place), control_(std::move(control)) {}
  ~StressCrew() override { static_cast<void>(revert()); }

  // Starts all, and returns when all have registered.
  Status start();

  std::string mechanism() const override { return fmt::format("{} workers", order_.workers); }
  Status arm(const Window& window) override {
    control_.set_window(window.start_ns, window.end_ns);
    return {};
  }
  void renew(std::int64_t lease_end_ns) override { control_.set_lease_end(lease_end_ns); }
  model::EffectCounters counters() const override { return control_.counters(); }
  Status revert() override;

 private:
  Status launch(unsigned index);
  std::size_t registered() const;

  StressOrder order_;
  StressPlace place_;
  StressControlFile control_;
  std::vector<os::Process> workers_;
  bool over_ = false;
};

Status StressCrew::launch(unsigned index) {
  os::LaunchOptions options;
  options.argv = {(os::own_folder() / "fracas-stress").string(), place_.control.string(), std::to_string(index),
                  std::to_string(order_.oom_score)};
  for (const fs::path& group : place_.join) options.argv.push_back(group.string());
  options.working_directory = order_.folder.empty() ? fs::path("/") : order_.folder;
  options.output = "/dev/null";
  options.cgroup = place_.group;
  auto process = os::Process::launch(options);
  if (!process) return failure(std::move(process).error());
  workers_.push_back(std::move(*process));
  return {};
}

std::size_t StressCrew::registered() const {
  const auto& slots = control_.content().slots;
  return static_cast<std::size_t>(
      std::count_if(std::begin(slots), std::end(slots), [](const StressSlot& slot) { return slot.pid != 0; }));
}

Status StressCrew::start() {
  if (!place_.group.empty()) {
    std::error_code failed;
    fs::create_directories(place_.group, failed);
    if (failed) return system_failure("make cgroup " + place_.group.string(), failed.value());
  }
  for (unsigned index = 0; index < order_.workers; ++index)
    if (auto launched = launch(index); !launched) return launched;
  const std::int64_t deadline = os::boot_now_ns() + kRegisterWaitNs;
  while (registered() < order_.workers) {
    for (os::Process& worker : workers_)
      if (const auto ended = worker.wait_for(0ms))
        return failure(fmt::format("a stress worker cannot start: exit code {}", ended->code));
    if (os::boot_now_ns() > deadline) return failure("the stress workers do not start in five seconds", ETIMEDOUT);
    os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000);
  }
  return {};
}

Status StressCrew::revert() {
  if (over_) return {};
  if (auto ended = undo_steps({EndWorkers{.control = place_.control, .group = place_.group}}); !ended) return ended;
  for (os::Process& worker : workers_) static_cast<void>(worker.wait_for(1s));
  over_ = true;
  return {};
}

}  // namespace

Result<std::unique_ptr<Effect>> start_stress(const StressOrder& order, const StressPlace& place,
                                             const RecordSteps& record) {
  if (auto valid = check(order); !valid) return failure(std::move(valid).error());
  if (auto recorded = record({EndWorkers{.control = place.control, .group = place.group}}); !recorded)
    return failure(std::move(recorded).error());
  auto control = StressControlFile::create(place.control);
  if (!control) return failure(std::move(control).error());
  StressControl& content = control->content();
  control->set_lease_end(os::boot_now_ns() + kFirstLeaseNs);
  content.kind = order.kind;
  content.workers = order.workers;
  content.share_per_million = static_cast<std::uint64_t>(order.share * 1e6);
  content.bytes = order.bytes;
  content.rate_per_second = static_cast<std::uint64_t>(order.rate_per_second);
  auto crew = std::make_unique<StressCrew>(order, place, std::move(*control));
  if (auto started = crew->start(); !started) return failure(std::move(started).error());
  return std::unique_ptr<Effect>(std::move(crew));
}

std::vector<fs::path> groups_to_join(pid_t victim, const std::vector<std::string>& controllers) {
  std::vector<fs::path> groups;
  for (const std::string& controller : controllers)
    if (auto group = v1_group_of(victim, controller); group) groups.push_back(*group);
  return groups;
}

}  // namespace fracas::agent
