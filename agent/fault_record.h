#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/ledger.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

// The ledger record of one fault of this agent, kept up to date on the disk. Thread: any; calls are serialised. Whoever
// acts on the fault holds the record, so that neither the guardian nor another thread does at the same time.
class FaultRecord {
 public:
  // Writes it. REQUIRES: `ledger` outlives it. ERRORS: errno's text.
  static Result<std::unique_ptr<FaultRecord>> write(const Ledger& ledger, LedgerRecord first);

  // The record's lock in the ledger and in this process; one thread may hold it several times. Released by destruction.
  class Hold {
   public:
    explicit Hold(FaultRecord& record) : record_(&record) {}
    Hold(Hold&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold();

   private:
    FaultRecord* record_;
  };
  // ERRORS: EWOULDBLOCK if somebody else still holds it after `patience`.
  Result<Hold> hold(Duration patience = std::chrono::seconds(2));

  // What the fault's kind wants to find in the record when it must undo it (LedgerRecord::note). On the disk when this
  // returns. May be called by an effect in `prepare`, `arm` and `tick`, and by threads of its own.
  // ERRORS: the record is gone (somebody has undone the fault), or is being undone (EWOULDBLOCK): do not act then.
  Status note(std::string text);
  Status set_window(const Window& window);

  const std::string& id() const { return id_; }
  // The records of this agent's other faults, as they are on the disk now; those that cannot be read are left out.
  std::vector<LedgerRecord> others() const;
  // The agent's own folder, where an effect may keep a file that `undo` finds again.
  std::filesystem::path state_folder() const { return ledger_.folder().parent_path(); }

  // True unless somebody has undone the fault.
  bool exists() const { return ledger_.holds(id_); }
  Status remove() const { return ledger_.remove(id_); }

 private:
  FaultRecord(const Ledger& ledger, LedgerRecord first) : ledger_(ledger), id_(first.id), content_(std::move(first)) {}
  Status replace(LedgerRecord next);

  const Ledger& ledger_;
  const std::string id_;
  std::recursive_timed_mutex mutex_;  // guards everything below
  LedgerRecord content_;
  int holds_ = 0;
  os::UniqueFd lock_;
};

}  // namespace fracas::agent
