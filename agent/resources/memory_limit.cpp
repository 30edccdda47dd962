#include "agent/resources/memory_limit.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "agent/resources/controller_group.h"
#include "agent/resources/side_group.h"
#include "agent/resources/unified_limit.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

class MemoryLimit final : public Change {
 public:
  MemoryLimit(MemoryLimitOptions options, bool unified)
      : options_(std::move(options)),
        unified_(unified),
        side_("memory", "fracas-" + options_.id, {.file = "memory.limit_in_bytes", .content = "-1"}),
        own_("memory", "memory.max", options_.others) {}

  std::string mechanism() const override { return unified_ ? "memory.max" : "memory.limit_in_bytes"; }
  Result<std::vector<UndoStep>> plan() override {
    return unified_ ? own_.plan(options_.victims) : side_.plan(options_.victims);
  }

  Status apply() override {
    std::uint64_t processes = 0;
    for (const ServiceSite& victim : options_.victims)
      processes += processes_of(victim).value_or(std::vector<os::ProcessIdentity>{}).size();
    counters_.matched = std::max(counters_.matched, processes);
    if (unified_) return limit_own();
    // A cgroup whose parent has the killer switched off would be born with it switched off.
    auto moved = side_.apply({{.file = "memory.oom_control", .content = "0"},
                              {.file = "memory.limit_in_bytes", .content = std::to_string(options_.spare)}});
    return moved ? Status() : failure(std::move(moved).error());
  }

  model::EffectCounters counters() const override {
    model::EffectCounters counters = counters_;
    for (const fs::path& group : unified_ ? own_.groups() : side_.groups())
      counters.affected += kills_in(group) - before(group);
    return counters;
  }

 private:
  std::uint64_t kills_in(const fs::path& group) const {
    return keyed_value(group / (unified_ ? "memory.events" : "memory.oom_control"), "oom_kill");
  }
  // The victims' own cgroups may have seen kills before; ours have not.
  std::uint64_t before(const fs::path& group) const {
    const auto found =
        std::find_if(before_.begin(), before_.end(), [&](const auto& one) { return one.first == group; });
    return found == before_.end() ? 0 : found->second;
  }

  Status limit_own() {
    if (!before_.empty()) return {};
    for (const fs::path& group : own_.groups()) before_.emplace_back(group, kills_in(group));
    // A controller that is not enabled yet has counted nothing, and will begin with nothing.
    std::uint64_t used = 0;
    if (options_.spare > 0)
      for (const fs::path& group : own_.groups()) used = std::max(used, number_in(group / "memory.current"));
    return own_.apply(std::to_string(used + options_.spare));
  }

  static std::uint64_t number_in(const fs::path& file) {
    const auto text = os::read_file(file);
    return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
  }

  MemoryLimitOptions options_;
  bool unified_;
  SideGroup side_;
  UnifiedLimit own_;
  std::vector<std::pair<fs::path, std::uint64_t>> before_;
  model::EffectCounters counters_;
};

}  // namespace

Result<std::string> memory_limit_mechanism() {
  if (has_v1_controller("memory")) return "memory.limit_in_bytes";
  auto mount = os::Cgroup::mount_point();
  const auto controllers = mount ? os::read_file(*mount / "cgroup.controllers") : failure("");
  if (!controllers || controllers->find("memory") == std::string::npos)
    return failure("the memory controller is on no cgroup hierarchy (CONFIG_MEMCG, cgroup_disable=memory)", EOPNOTSUPP);
  return "memory.max";
}

Result<std::unique_ptr<Change>> plan_memory_limit(const MemoryLimitOptions& options) {
  if (auto works = memory_limit_mechanism(); !works) return failure(std::move(works).error());
  auto change = std::make_unique<MemoryLimit>(options, !has_v1_controller("memory"));
  if (auto planned = change->plan(); !planned) return failure(std::move(planned).error());
  return std::unique_ptr<Change>(std::move(change));
}

}  // namespace fracas::agent
