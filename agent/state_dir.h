#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/os/process.h"

// What an agent keeps on the disk, so that its guardian, its successor and `heal` can go on where it stopped:
//   agent.json     who it is (process, cgroup)       fingerprint  the kernel state before it did anything
//   guardian.json  its guardian's process            lease        end of the lease, mapped
//   ledger/        one record a fault                agent.lock   held while an agent uses this folder
//   freeze         not ours: while it is there, no fault acts (docs/policy.md)
namespace fracas::agent {

struct AgentIdentity {
  os::ProcessIdentity process;
  std::string cgroup;  // below the cgroup2 mount; empty: none
};

class StateDir {
 public:
  explicit StateDir(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path ledger() const { return root_ / "ledger"; }
  std::filesystem::path lease() const { return root_ / "lease"; }
  std::filesystem::path fingerprint() const { return root_ / "fingerprint"; }
  std::filesystem::path freeze() const { return root_ / "freeze"; }
  std::filesystem::path lock() const { return root_ / "agent.lock"; }

  Status write_agent(const AgentIdentity& agent) const;
  // Nothing if no agent has been here, or it left in good order. An unreadable file is no agent either; `heal` goes by
  // the ledger.
  std::optional<AgentIdentity> agent() const;
  Status write_guardian(const os::ProcessIdentity& guardian) const;
  std::optional<os::ProcessIdentity> guardian() const;

  // Removes what an agent leaves behind, in good order or killed in the middle of a write; keeps the lock and the
  // ledger with its records. REQUIRES: no agent and no guardian writes here but the caller.
  Status forget() const;

 private:
  std::filesystem::path root_;
};

}  // namespace fracas::agent
