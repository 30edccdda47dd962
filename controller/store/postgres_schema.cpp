#include "controller/store/schema.h"

namespace fracas::controller {

// Texts that are put in order are so byte by byte (COLLATE "C"), as in SQLite.
const SchemaSteps& postgres_steps() {
  static const SchemaSteps steps{
      {
          R"(CREATE TABLE runs (
  id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL, doc TEXT NOT NULL, file TEXT NOT NULL, world TEXT NOT NULL,
  target TEXT NOT NULL, seed TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'stopping', 'done')),
  verdict TEXT NOT NULL, as_expected BIGINT NOT NULL, headline TEXT NOT NULL, error TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT NOT NULL, by TEXT NOT NULL, gameday TEXT NOT NULL, blind BIGINT NOT NULL,
  ok BIGINT NOT NULL, fail BIGINT NOT NULL, info BIGINT NOT NULL, p99_ms DOUBLE PRECISION NOT NULL,
  pid BIGINT NOT NULL, pid_start BIGINT NOT NULL, host TEXT NOT NULL, unhealed BIGINT NOT NULL))",
          "CREATE INDEX runs_by_state ON runs (state)",
          R"(CREATE TABLE notes (
  run TEXT NOT NULL REFERENCES runs (id), at_ms DOUBLE PRECISION NOT NULL, by TEXT NOT NULL, text TEXT NOT NULL,
  rowid BIGINT GENERATED ALWAYS AS IDENTITY))",
          "CREATE INDEX notes_by_run ON notes (run)",
          R"(CREATE TABLE users (
  name TEXT COLLATE "C" PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
  token_sha256 TEXT NOT NULL UNIQUE, added TEXT NOT NULL))",
          R"(CREATE TABLE "freeze" (
  one BIGINT PRIMARY KEY CHECK (one = 1), frozen BIGINT NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL,
  since TEXT NOT NULL))",
          R"(INSERT INTO "freeze" VALUES (1, 0, '', '', ''))",
          R"(CREATE TABLE audit (
  sequence BIGINT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  details TEXT NOT NULL, hash TEXT NOT NULL))",
          R"(CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$)",
          R"(CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  EXECUTE FUNCTION audit_is_append_only())",
          R"(CREATE TABLE gamedays (name TEXT COLLATE "C" PRIMARY KEY, body TEXT NOT NULL))",
          R"(CREATE TABLE leader (
  one BIGINT PRIMARY KEY CHECK (one = 1), address TEXT NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL))",
      },
      {
          R"(CREATE TABLE answers (
  number BIGINT NOT NULL UNIQUE, who TEXT NOT NULL, request_key TEXT NOT NULL, at_s BIGINT NOT NULL,
  sha256 TEXT NOT NULL, done BIGINT NOT NULL, status BIGINT NOT NULL, media TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (who, request_key)))",
          "CREATE INDEX answers_by_age ON answers (at_s)",
      },
  };
  return steps;
}

}  // namespace fracas::controller
