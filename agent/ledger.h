#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/site.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

// What must be undone, on the disk before the kernel is touched: one JSON file a fault in STATE/ledger. The agent, its
// guardian and a later heal work on the same files, each under the record's lock.
namespace fracas::agent {

struct LedgerRecord {
  std::string id;
  std::string kind;  // "process.pause", …
  Window window;     // zeros until armed
  // The services among its victims, each with all it takes to start it again.
  std::vector<ServiceSite> services;
  // What else its kind wants to find when it must undo it, in a form of its own; empty until it has something to say.
  std::string note;
};

// One line of JSON. The record is complete in it.
std::string to_json(const LedgerRecord& record);
// ERRORS: what is wrong with it; a torn record never parses.
Result<LedgerRecord> parse_ledger_record(std::string_view text);

// Thread: any; the object holds only a path.
class Ledger {
 public:
  // Makes the folder. ERRORS: errno's text.
  static Result<Ledger> open(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }

  // Replaces the record of `record.id`; when this returns it is on the disk.
  Status write(const LedgerRecord& record) const;
  // Idempotent.
  Status remove(const std::string& id) const;
  bool holds(const std::string& id) const;
  // Removes locks whose record is gone: left by somebody who was killed while it removed both. REQUIRES: no agent and
  // no guardian works on this ledger.
  Status remove_stray_locks() const;

  struct Content {
    std::vector<LedgerRecord> records;
    // What could not be read: a sentence each. Those files were moved to the folder `unreadable` beside the records.
    std::vector<std::string> unreadable;
  };
  // Every record, sorted by id. Half-written files of a crash are no records: what they were to replace is still there.
  Result<Content> read() const;

  // The record's lock: whoever acts on a record or removes it holds it. Released when the descriptor closes, also by a
  // crash. ERRORS: EWOULDBLOCK if somebody else still holds it after `wait`.
  Result<os::UniqueFd> lock(const std::string& id, Duration wait) const;

 private:
  explicit Ledger(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path record_path(const std::string& id) const;

  std::filesystem::path folder_;
};

}  // namespace fracas::agent
