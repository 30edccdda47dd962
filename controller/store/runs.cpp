#include "controller/store/runs.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "controller/store/database.h"

namespace fracas::controller {
namespace {

constexpr std::array<std::string_view, 4> kStates{"waiting", "running", "stopping", "done"};

const std::string kSelect =
    "SELECT id, name, doc, file, world, target, seed, state, verdict, as_expected, headline, error, started, ended, by,"
    " gameday, blind, ok, fail, info, p99_ms, pid, pid_start, host, unhealed FROM runs ";

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

StoredRun run_of(const Row& row) {
  StoredRun run;
  run.id = row.text(0);
  run.name = row.text(1);
  run.doc = row.text(2);
  run.file = row.text(3);
  run.world = row.text(4);
  run.target = row.text(5);
  run.seed = number(row.text(6));
  run.state = find_run_state(row.text(7)).value_or(RunState::done);
  run.verdict = row.text(8);
  run.as_expected = row.flag(9);
  run.headline = row.text(10);
  run.error = row.text(11);
  run.started = row.text(12);
  run.ended = row.text(13);
  run.by = row.text(14);
  run.gameday = row.text(15);
  run.blind = row.flag(16);
  run.ok = static_cast<std::uint64_t>(row.integer(17));
  run.fail = static_cast<std::uint64_t>(row.integer(18));
  run.info = static_cast<std::uint64_t>(row.integer(19));
  run.p99_ms = row.real(20);
  run.pid = row.integer(21);
  run.pid_start = static_cast<std::uint64_t>(row.integer(22));
  run.host = row.text(23);
  run.unhealed = row.flag(24);
  return run;
}

Result<std::vector<StoredRun>> runs_of(Result<std::vector<Row>> rows) {
  if (!rows) return failure(std::move(rows).error());
  std::vector<StoredRun> runs;
  for (const Row& row : *rows) runs.push_back(run_of(row));
  return runs;
}

Value count(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string_view name(RunState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<RunState> find_run_state(std::string_view name) {
  const auto found = std::find(kStates.begin(), kStates.end(), name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<RunState>(found - kStates.begin());
}

Status save_run(Database& database, const StoredRun& run) {
  return database.run(
      "INSERT INTO runs (id, name, doc, file, world, target, seed, state, verdict, as_expected, headline, error,"
      " started, ended, by, gameday, blind, ok, fail, info, p99_ms, pid, pid_start, host, unhealed) VALUES (?1, ?2, ?3,"
      " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)"
      " ON CONFLICT (id) DO UPDATE SET"
      " state = ?8, verdict = ?9, as_expected = ?10, headline = ?11, error = ?12, started = ?13, ended = ?14, ok = ?18,"
      " fail = ?19, info = ?20, p99_ms = ?21, pid = ?22, pid_start = ?23, host = ?24, unhealed = ?25",
      {run.id,
       run.name,
       run.doc,
       run.file,
       run.world,
       run.target,
       std::to_string(run.seed),
       std::string(name(run.state)),
       run.verdict,
       std::int64_t{run.as_expected},
       run.headline,
       run.error,
       run.started,
       run.ended,
       run.by,
       run.gameday,
       std::int64_t{run.blind},
       count(run.ok),
       count(run.fail),
       count(run.info),
       run.p99_ms,
       run.pid,
       count(run.pid_start),
       run.host,
       std::int64_t{run.unhealed}});
}

Result<std::optional<StoredRun>> find_run(Database& database, const std::string& id) {
  auto runs = runs_of(database.query(kSelect + "WHERE id = ?1", {id}));
  if (!runs) return failure(std::move(runs).error());
  if (runs->empty()) return std::optional<StoredRun>();
  return std::optional(std::move(runs->front()));
}

Result<std::vector<StoredRun>> list_runs(Database& database, const RunFilter& filter) {
  return runs_of(database.query(
      kSelect + "WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR verdict = ?2) AND (?3 = '' OR name = ?3 OR file = ?3)"
                " AND (?4 = '' OR id < ?4) ORDER BY id DESC LIMIT ?5",
      {filter.state, filter.verdict, filter.experiment, filter.before, filter.limit}));
}

Result<std::vector<StoredRun>> unfinished_runs(Database& database) {
  return runs_of(database.query(kSelect + "WHERE state <> 'done' ORDER BY id"));
}

Result<std::vector<StoredRun>> unhealed_runs(Database& database, const std::string& host) {
  return runs_of(database.query(kSelect + "WHERE unhealed = 1 AND host = ?1 ORDER BY id", {host}));
}

Status add_run_note(Database& database, const std::string& run, const RunNote& note) {
  return database.run("INSERT INTO notes VALUES (?1, ?2, ?3, ?4)", {run, note.at_ms, note.by, note.text});
}

Result<std::vector<RunNote>> run_notes(Database& database, const std::string& run) {
  const auto rows = database.query("SELECT at_ms, by, text FROM notes WHERE run = ?1 ORDER BY rowid", {run});
  if (!rows) return failure(rows.error());
  std::vector<RunNote> notes;
  for (const Row& row : *rows) notes.push_back({.at_ms = row.real(0), .by = row.text(1), .text = row.text(2)});
  return notes;
}

}  // namespace fracas::controller
