#include "controller/store/schema.h"

#include <fmt/format.h>

#include <vector>

#include "controller/store/database.h"

namespace fracas::controller {
namespace {

// Statements that lead from one version to the next. What was released is never edited: append.
const std::vector<std::vector<const char*>> kSteps{
    {
        R"(CREATE TABLE runs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, doc TEXT NOT NULL, file TEXT NOT NULL, world TEXT NOT NULL,
  target TEXT NOT NULL, seed TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'stopping', 'done')),
  verdict TEXT NOT NULL, as_expected INTEGER NOT NULL, headline TEXT NOT NULL, error TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT NOT NULL, by TEXT NOT NULL, gameday TEXT NOT NULL, blind INTEGER NOT NULL,
  ok INTEGER NOT NULL, fail INTEGER NOT NULL, info INTEGER NOT NULL, p99_ms REAL NOT NULL,
  pid INTEGER NOT NULL, pid_start INTEGER NOT NULL) STRICT)",
        "CREATE INDEX runs_by_state ON runs (state)",
        R"(CREATE TABLE notes (
  run TEXT NOT NULL REFERENCES runs (id), at_ms REAL NOT NULL, by TEXT NOT NULL, text TEXT NOT NULL) STRICT)",
        "CREATE INDEX notes_by_run ON notes (run)",
        R"(CREATE TABLE users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
  token_sha256 TEXT NOT NULL UNIQUE, added TEXT NOT NULL) STRICT)",
        R"(CREATE TABLE freeze (
  one INTEGER PRIMARY KEY CHECK (one = 1), frozen INTEGER NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL,
  since TEXT NOT NULL) STRICT)",
        "INSERT INTO freeze VALUES (1, 0, '', '', '')",
        R"(CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  details TEXT NOT NULL, hash TEXT NOT NULL) STRICT)",
        R"(CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END)",
        R"(CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END)",
    },
    {
        "CREATE TABLE gamedays (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
    },
};

Status take_step(Database& database, std::size_t version) {
  auto transaction = database.begin();
  if (!transaction) return failure(std::move(transaction).error());
  for (const char* statement : kSteps[version])
    if (auto done = database.run(statement); !done) return done;
  if (auto done = database.run(fmt::format("PRAGMA user_version = {}", version + 1)); !done) return done;
  return transaction->commit();
}

}  // namespace

Status bring_up_to_date(Database& database) {
  const auto rows = database.query("PRAGMA user_version");
  if (!rows) return failure(rows.error());
  const auto version = static_cast<std::size_t>(rows->front().integer(0));
  if (version > kSteps.size())
    return failure(
        fmt::format("written by a newer fracas: its schema is {}, this program knows {}", version, kSteps.size()));
  for (std::size_t next = version; next < kSteps.size(); ++next)
    if (auto taken = take_step(database, next); !taken) return taken;
  return {};
}

}  // namespace fracas::controller
