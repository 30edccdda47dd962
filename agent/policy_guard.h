#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/fault_table.h"
#include "agent/policy.h"
#include "agent/processes/process_finder.h"
#include "agent/services.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct PolicyGuardOptions {
  Policy policy{};
  std::filesystem::path state_freeze{};  // a second freeze file, of this agent alone
  std::uint16_t agent_port = 0;          // TCP; 0: a Unix socket
  bool has_interface = true;             // there is one that network faults may act on
};

// Stands between controllers and the fault table: everything is asked for here first. Looks for the freeze files ten
// times a second and ends every fault while one exists. Thread: any. REQUIRES: table, services and finder outlive it.
class PolicyGuard {
 public:
  PolicyGuard(PolicyGuardOptions options, FaultTable& faults, Services& services, const ProcessFinder& finder);
  ~PolicyGuard();

  // FaultTable::prepare and arm, if the policy allows it. ERRORS: EPERM and the policy's sentence; theirs.
  // Processes that a service starts after it was armed are not judged.
  Result<std::string> prepare(const Order& order);
  Status arm(const std::string& id, const Window& window);
  // One of the freeze files exists.
  bool is_frozen() const { return frozen_by().has_value(); }

 private:
  Status admit(const Order& order, const std::vector<HeldFault>& held);
  Result<PolicyFacts> find_facts(const Order& order, const std::vector<HeldFault>& held);
  Status find_victims(const Order& order, const std::vector<HeldFault>& held, PolicyFacts& facts);
  // Those that a message chooses itself, of its processes and its senders.
  Result<std::vector<ProcessFacts>> find_chosen(const model::Injection& injection) const;
  // All that this order and the faults held act on.
  Result<std::size_t> count_victims(const Order& order, const std::vector<HeldFault>& held);
  std::optional<std::filesystem::path> frozen_by() const;
  void watch(const std::stop_token& stop);
  void end_faults(const std::filesystem::path& by);

  const PolicyGuardOptions options_;
  FaultTable& faults_;
  Services& services_;
  const ProcessFinder& finder_;
  std::mutex counting_;    // held from the count of victims until the fault is held
  std::string complaint_;  // the watcher's last one
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread watcher_;
};

}  // namespace fracas::agent
