#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/fault_kind.h"
#include "agent/lease.h"
#include "agent/ledger.h"
#include "agent/net_slot.h"
#include "agent/order.h"
#include "agent/processes/process_finder.h"
#include "agent/scheduler.h"
#include "agent/services.h"

namespace fracas::agent {

// What one fault did, or has done.
struct FaultReport {
  std::string id;
  std::string mechanism;
  model::EffectCounters counters;
  std::vector<std::string> processes{};  // as Effect::processes
};

// What a held fault was asked to do.
struct HeldFault {
  std::string id;
  std::string injection;  // the message's bytes
  Window window{};        // zeros until armed
};

// What an agent's faults of one kind did, since it was started.
struct KindTotals {
  std::uint64_t prepared = 0;
  std::uint64_t ended = 0;
  std::uint64_t affected = 0;  // by those that ended
};

// Every fault this agent holds, from prepare to revert. A fault ends, and is gone completely, at its window's end, at
// the lease's end, or when it is reverted, whichever is first. Thread: any; one call at a time gets in.
class FaultTable {
 public:
  // REQUIRES: `services`, `net` and `finder` outlive it.
  static Result<std::unique_ptr<FaultTable>> start(Ledger ledger, LeaseFile lease, Services& services, NetSlot& net,
                                                   const ProcessFinder& finder);
  // Reverts what is left.
  ~FaultTable();

  // Takes the lease, writes the ledger and builds the fault inactive. Returns the mechanism. Idempotent for the same id
  // and injection. ERRORS: EINVAL what is wrong with the order; EEXIST the id is in use for another injection; else
  // what is missing here. After an error nothing is changed.
  Result<std::string> prepare(const Order& order);
  // ERRORS: ENOENT unknown id; EINVAL the window.
  Status arm(const std::string& id, const Window& window);
  // Prolongs the lease and tells what every fault did that still acts, or ended since the last call.
  Result<std::vector<FaultReport>> renew(Duration lease);
  // The final counters; nothing for an unknown id. A fault that ended by itself is remembered.
  Result<std::optional<FaultReport>> revert(const std::string& id);
  // Returns the ids of those that were there. ERRORS: the first one that could not be undone; all are tried.
  Result<std::vector<std::string>> revert_all();

  // All that are built and not being reverted.
  std::vector<HeldFault> held();

  // By the names of the kinds; those that were never asked for are not there.
  std::map<std::string, KindTotals> totals();

  std::int64_t lease_end_ns() const { return lease_.end_ns(); }

 private:
  struct Fault {
    const FaultKind* kind;
    std::string injection;  // its bytes, to know it again
    Window window{};
    std::unique_ptr<FaultRecord> record;
    std::unique_ptr<Effect> effect;  // destroyed before the record, which it uses
    FaultReport seen{};              // while it is busy: what it had done before
  };

  FaultTable(Ledger ledger, LeaseFile lease, Services& services, NetSlot& net, const ProcessFinder& finder);
  void on_due(const std::string& id);

  // REQUIRES: mutex_ is not held, so that renewals go on meanwhile; the id is busy.
  Result<Fault> build(const Order& order);
  // Whom it chooses itself. ERRORS: ENOENT there is nobody.
  Result<std::optional<ChosenProcesses>> choose(const model::Injection& injection) const;
  Result<std::vector<std::filesystem::path>> find_senders(const model::Injection& injection) const;

  // Lets the effect do its next step, if that is due, with the lock released meanwhile: a disk fault restarts its
  // service, and renewals must go on.
  void tick(std::unique_lock<std::mutex>& lock, const std::string& id, Fault& fault, std::int64_t now_ns);
  // All REQUIRE mutex_ held.
  void schedule(const std::string& id, const Fault& fault);
  void prolong(Duration lease);
  // Reverts, with the lock released meanwhile: a delay's revert waits for the packets it holds, and renewals must go
  // on. Of two callers the second waits for the first. An unknown id is no error.
  Status finish(std::unique_lock<std::mutex>& lock, const std::string& id);
  static Status step(Fault& fault, std::int64_t now_ns);
  static Status take_back(const std::string& id, Fault& fault);
  void remember(const FaultKind& kind, FaultReport report);

  Ledger ledger_;
  LeaseFile lease_;
  Services& services_;
  NetSlot& net_;
  const ProcessFinder& finder_;
  std::mutex mutex_;
  std::map<std::string, Fault> faults_;
  std::set<std::string> busy_;  // being built or reverted, then not in `faults_`; or doing a step
  std::condition_variable idle_;
  std::deque<FaultReport> ended_;        // the latest, bounded
  std::vector<std::string> unreported_;  // ended since the last renewal
  std::map<std::string, KindTotals> totals_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace fracas::agent
