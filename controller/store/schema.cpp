#include "controller/store/schema.h"

namespace fracas::controller {

const SchemaSteps& sqlite_steps() {
  static const SchemaSteps steps{
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
      {
          "ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE runs ADD COLUMN unhealed INTEGER NOT NULL DEFAULT 0",
          R"(CREATE TABLE leader (
  one INTEGER PRIMARY KEY CHECK (one = 1), address TEXT NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL) STRICT)",
      },
      {
          R"(CREATE TABLE answers (
  number INTEGER NOT NULL UNIQUE, who TEXT NOT NULL, request_key TEXT NOT NULL, at_s INTEGER NOT NULL,
  sha256 TEXT NOT NULL, done INTEGER NOT NULL, status INTEGER NOT NULL, media TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (who, request_key)) STRICT)",
          "CREATE INDEX answers_by_age ON answers (at_s)",
      },
  };
  return steps;
}

}  // namespace fracas::controller
