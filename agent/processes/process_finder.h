#pragma once
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/processes/process_facts.h"
#include "agent/processes/selector.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Among which processes an agent may look at all.
struct ProcessReach {
  // Only those in this program's own network namespace: it stands for a host that is not the whole machine.
  bool own_network_only = true;
  // Only those in this cgroup and below; empty: in any.
  std::string cgroup{};
};

// The reach of an agent: of a lab's (`lab`) its host's network namespace and, if there is one, the cgroup of its
// services; of one that shares the network namespace of process 1 the whole machine; of any other its network
// namespace. In doubt the smaller one.
ProcessReach reach_of_agent(bool lab, const std::string& cgroup);

struct ProcessFinderOptions {
  ProcessReach reach{};
  std::function<bool(const ProcessFacts&)> is_protected{};  // by the host's policy; absent: none is
  std::optional<std::size_t> most{};                        // that one fault may act on; absent: no limit
};

// Finds processes by selectors. Never this program, process 1, kernel threads, sshd, or any program of fracas that acts
// for a controller. Thread: any.
class ProcessFinder {
 public:
  explicit ProcessFinder(ProcessFinderOptions options = {});

  // All that are in reach, protected or not, by pid. ERRORS: EINVAL the id's beginning is that of several containers;
  // what cannot be read.
  Result<std::vector<ProcessFacts>> find(const ProcessSelector& selector) const;
  // Those a fault may act on: without protected ones. ERRORS: as find; EPERM more than the policy's most.
  Result<std::vector<ProcessFacts>> choose(const ProcessSelector& selector) const;

  // The folders of the cgroups a selector means, none below another. ERRORS: as find; EINVAL it does not choose by
  // cgroup or container; ENOENT there is none in reach, or no cgroup2 file system.
  Result<std::vector<std::filesystem::path>> cgroups(const ProcessSelector& selector) const;

 private:
  bool in_reach(const ProcessFacts& process) const;

  ProcessFinderOptions options_;
};

// The processes one fault acts on by its selector, and who they were. Thread: one at a time.
class ChosenProcesses {
 public:
  // REQUIRES: `finder` outlives it.
  ChosenProcesses(const ProcessFinder& finder, ProcessSelector selector)
      : finder_(&finder), selector_(std::move(selector)) {}

  // Those there are now. ERRORS: as ProcessFinder::choose.
  Result<std::vector<os::ProcessIdentity>> look();
  // All that `look` has ever found, as "etcd 4711"; the first hundred.
  const std::vector<std::string>& seen() const { return seen_; }
  const std::string& words() const { return selector_.words; }

 private:
  const ProcessFinder* finder_;
  ProcessSelector selector_;
  std::vector<std::string> seen_;
};

}  // namespace fracas::agent
