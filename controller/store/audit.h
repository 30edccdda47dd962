#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/result.h"

// Everything anyone did, in a log that is only ever appended to. Each entry's hash covers its own words and the hash of
// the entry before, so that a change, a removal or an insertion in the midst shows; who keeps the last hash elsewhere
// also sees a missing end.
namespace fracas::controller {

class Database;

struct AuditNote {
  std::string who;      // a user, or "ADDRESS" of somebody unknown, or "fracas" itself
  std::string action;   // "run.start", "freeze", "refused", …
  std::string subject;  // the run, game day, user or path it was done to
  std::string details;  // free text
};

struct AuditEntry {
  std::int64_t sequence = 0;  // from 1, without gaps
  std::string at;             // wall clock
  AuditNote note;
  std::string hash;
};

// The hash of an entry behind one whose hash was `previous`: SHA-256 of the JSON array
// [previous, sequence, at, who, action, subject, details]. The first entry's `previous` is "".
std::string audit_hash(const std::string& previous, const AuditEntry& entry);

// What is no UTF-8 in the words, and NUL, is kept as U+FFFD.
Status append_audit(Database& database, const AuditNote& note);
// Those behind number `after`, oldest first, at most `limit`.
Result<std::vector<AuditEntry>> list_audit(Database& database, std::int64_t after, std::int64_t limit);
// The first entry whose hash or number is wrong, or 0: the whole log is as it was written.
Result<std::int64_t> first_forged(Database& database);

}  // namespace fracas::controller
