#include "controller/store/audit.h"

#include <nlohmann/json.hpp>

#include "controller/store/database.h"
#include "controller/store/wall_time.h"
#include "lib/base/text.h"
#include "lib/pki/digest.h"

namespace fracas::controller {
namespace {

// So many rows at a time, so that a long log is never in memory as a whole and others get their turn.
constexpr std::int64_t kChunk = 2000;

constexpr const char* kColumns = "SELECT sequence, at, who, action, subject, details, hash FROM audit ";

AuditEntry entry_of(const Row& row) {
  return {.sequence = row.integer(0),
          .at = row.text(1),
          .note = {.who = row.text(2), .action = row.text(3), .subject = row.text(4), .details = row.text(5)},
          .hash = row.text(6)};
}

// The same with U+FFFD for what is no UTF-8, and for NUL, which PostgreSQL cannot keep: strangers choose the paths of
// refused requests.
std::string valid_text(const std::string& text) {
  const std::string literal =
      nlohmann::json(without_nul(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(literal).get<std::string>();
}

AuditNote valid_note(const AuditNote& note) {
  return {.who = valid_text(note.who),
          .action = valid_text(note.action),
          .subject = valid_text(note.subject),
          .details = valid_text(note.details)};
}

}  // namespace

std::string audit_hash(const std::string& previous, const AuditEntry& entry) {
  const nlohmann::json words{previous,          entry.sequence,     entry.at,          entry.note.who,
                             entry.note.action, entry.note.subject, entry.note.details};
  return pki::sha256_hex(words.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Status append_audit(Database& database, const AuditNote& note) {
  auto transaction = database.begin();
  if (!transaction) return failure(std::move(transaction).error());
  const auto last = database.query(std::string(kColumns) + "ORDER BY sequence DESC LIMIT 1");
  if (!last) return failure(last.error());
  AuditEntry entry{.sequence = 1, .at = wall_now(), .note = valid_note(note), .hash = ""};
  std::string previous;
  if (!last->empty()) {
    entry.sequence = last->front().integer(0) + 1;
    previous = last->front().text(6);
  }
  entry.hash = audit_hash(previous, entry);
  if (auto added = database.run("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                {entry.sequence, entry.at, entry.note.who, entry.note.action, entry.note.subject,
                                 entry.note.details, entry.hash});
      !added)
    return added;
  return transaction->commit();
}

Result<std::vector<AuditEntry>> list_audit(Database& database, std::int64_t after, std::int64_t limit) {
  const auto rows =
      database.query(std::string(kColumns) + "WHERE sequence > ?1 ORDER BY sequence LIMIT ?2", {after, limit});
  if (!rows) return failure(rows.error());
  std::vector<AuditEntry> entries;
  for (const Row& row : *rows) entries.push_back(entry_of(row));
  return entries;
}

Result<std::int64_t> first_forged(Database& database) {
  std::string previous;
  std::int64_t last = 0;
  for (;;) {
    const auto entries = list_audit(database, last, kChunk);
    if (!entries) return failure(entries.error());
    if (entries->empty()) return std::int64_t{0};
    for (const AuditEntry& entry : *entries) {
      if (entry.sequence != last + 1) return last + 1;
      if (entry.hash != audit_hash(previous, entry)) return entry.sequence;
      previous = entry.hash;
      last = entry.sequence;
    }
  }
}

}  // namespace fracas::controller
