#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/runs.h"
#include "controller/store/users.h"
#include "lib/os/file.h"
#include "lib/pki/digest.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

std::unique_ptr<Database> open(const std::filesystem::path& file = ":memory:") {
  auto database = Database::open(file);
  INFO((database ? "" : database.error().message));
  REQUIRE(database.has_value());
  return std::move(*database);
}

// A folder that is removed with the test.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

StoredRun run(const std::string& id) {
  StoredRun run;
  run.id = id;
  run.name = "kill-leader";
  run.file = "raft/kill-leader.toml";
  run.seed = 18'446'744'073'709'551'615U;
  run.by = "alice";
  return run;
}

void note(Database& database, const std::string& action) {
  REQUIRE(append_audit(database, {.who = "alice", .action = action, .subject = "s", .details = "\"d\"\n\xff"}));
}

}  // namespace

TEST_CASE("audit: words that are no UTF-8 are kept as what can be shown, and the chain is whole", "[unit][store]") {
  const auto database = open();
  REQUIRE(append_audit(*database, {.who = "\xff", .action = "refused", .subject = "GET /\xc3", .details = "\u00fc"}));
  const auto entries = list_audit(*database, 0, 10);
  REQUIRE((entries && entries->size() == 1));
  CHECK(entries->front().note.who == "\uFFFD");
  CHECK(entries->front().note.subject == "GET /\uFFFD");
  CHECK(entries->front().note.details == "\u00fc");
  CHECK(*first_forged(*database) == 0);
}

TEST_CASE("store: a transaction inside of another is kept or left out as the other is", "[unit][store]") {
  const auto database = open();
  {
    auto outer = database->begin();
    REQUIRE(outer.has_value());
    note(*database, "kept");  // a transaction of its own
    {
      auto inner = database->begin();
      REQUIRE(inner.has_value());
      note(*database, "left out");
    }
    REQUIRE(outer->commit());
  }
  {
    auto outer = database->begin();
    REQUIRE(outer.has_value());
    note(*database, "never committed");
  }
  note(*database, "last");
  const auto entries = list_audit(*database, 0, 10);
  REQUIRE(entries.has_value());
  REQUIRE(entries->size() == 2);
  CHECK(entries->front().note.action == "kept");
  CHECK(entries->back().note.action == "last");
  CHECK(first_forged(*database) == 0);
}

TEST_CASE("store: what was saved is there when the file is opened again", "[unit][store]") {
  const Folder folder;
  const auto file = folder.path / "fracas.db";
  StoredRun saved = run("20261121-1-kill-leader-7");
  {
    const auto database = open(file);
    REQUIRE(save_run(*database, saved));
    saved.state = RunState::done;
    saved.verdict = "pass";
    saved.ok = 12;
    saved.p99_ms = 1.5;
    REQUIRE(save_run(*database, saved));
    REQUIRE(add_run_note(*database, saved.id, {.at_ms = 5.5, .by = "bob", .text = "paged"}));
    REQUIRE(write_freeze(*database, {.frozen = true, .reason = "release", .by = "bob", .since = "now"}));
  }
  const auto database = open(file);
  const auto found = find_run(*database, saved.id);
  REQUIRE((found && *found));
  CHECK((*found)->seed == saved.seed);
  CHECK((*found)->state == RunState::done);
  CHECK((*found)->verdict == "pass");
  CHECK((*found)->ok == 12);
  CHECK((*found)->p99_ms == Approx(1.5));
  CHECK(run_notes(*database, saved.id)->at(0).text == "paged");
  CHECK(read_freeze(*database)->reason == "release");
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
}

TEST_CASE("store: runs are listed newest first, filtered and in pages", "[unit][store]") {
  const auto database = open();
  for (const char* id : {"1", "2", "3", "4"}) {
    StoredRun each = run(id);
    if (each.id == "2") each.state = RunState::done;
    if (each.id == "3") each.name = "other";
    REQUIRE(save_run(*database, each));
  }
  const auto ids = [&](const RunFilter& filter) {
    std::string joined;
    const auto listed = list_runs(*database, filter);
    for (const StoredRun& each : *listed) joined += each.id;
    return joined;
  };
  CHECK(ids({}) == "4321");
  CHECK(ids({.state = "done"}) == "2");
  CHECK(ids({.experiment = "other"}) == "3");
  CHECK(ids({.experiment = "raft/kill-leader.toml"}) == "4321");
  CHECK(ids({.before = "3"}) == "21");
  CHECK(ids({.limit = 2}) == "43");
  CHECK(unfinished_runs(*database)->size() == 3);
}

TEST_CASE("store: an answer that was begun and not committed leaves nothing", "[unit][store]") {
  const auto database = open();
  {
    const auto transaction = database->begin();
    REQUIRE(transaction.has_value());
    REQUIRE(save_run(*database, run("1")));
  }
  CHECK(list_runs(*database, {})->empty());
}

TEST_CASE("store: a file of a newer fracas is refused, as is one that is no database", "[unit][store]") {
  const Folder folder;
  REQUIRE(open(folder.path / "a.db")->run("PRAGMA user_version = 9999"));
  const auto newer = Database::open(folder.path / "a.db");
  REQUIRE_FALSE(newer.has_value());
  CHECK(newer.error().message.find("newer fracas") != std::string::npos);
  REQUIRE(os::write_file_durably(folder.path / "b.db", std::string(8192, 'x')));
  CHECK_FALSE(Database::open(folder.path / "b.db").has_value());
}

TEST_CASE("users: a token is known by its hash alone, and by nobody once its user is removed", "[unit][store]") {
  const Folder folder;
  std::string token;
  {
    const auto database = open(folder.path / "fracas.db");
    token = *add_user(*database, "alice", Role::approver);
    CHECK(token.size() == 64);
    CHECK(token != *add_user(*database, "bob", Role::viewer));
    const auto found = find_user_by_token(*database, token);
    REQUIRE((found && *found));
    CHECK((*found)->name == "alice");
    CHECK((*found)->role == Role::approver);
    CHECK_FALSE(*find_user_by_token(*database, fracas::pki::sha256_hex(token)));
    CHECK_FALSE(add_user(*database, "alice", Role::viewer).has_value());
    for (const char* name : {"", "a b", "a/b", "\xc3\xa4"}) CHECK_FALSE(add_user(*database, name, Role::viewer));
    REQUIRE(remove_user(*database, "alice"));
    CHECK_FALSE(*find_user_by_token(*database, token));
    CHECK_FALSE(remove_user(*database, "alice"));
    CHECK(list_users(*database)->size() == 1);
  }
  for (const auto& file : std::filesystem::directory_iterator(folder.path))
    CHECK(os::read_file(file.path())->find(token) == std::string::npos);
}

TEST_CASE("digest: SHA-256 is that of FIPS 180-4's example", "[unit][store]") {
  CHECK(fracas::pki::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("audit: entries are numbered without gaps and the log is intact", "[unit][store]") {
  const auto database = open();
  CHECK(*first_forged(*database) == 0);
  for (int i = 0; i < 5; ++i) note(*database, "run.start");
  CHECK(*first_forged(*database) == 0);
  const auto entries = list_audit(*database, 2, 2);
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(0).sequence == 3);
  CHECK(entries->at(1).hash == audit_hash(entries->at(0).hash, entries->at(1)));
}

TEST_CASE("audit: nothing in it can be changed or removed", "[unit][store]") {
  const auto database = open();
  note(*database, "run.start");
  CHECK_FALSE(database->run("UPDATE audit SET who = 'mallory'"));
  CHECK_FALSE(database->run("DELETE FROM audit"));
  CHECK(list_audit(*database, 0, 10)->at(0).note.who == "alice");
}

TEST_CASE("audit: whoever gets past the triggers is found, at the entry", "[unit][store]") {
  const auto forge = [](const std::string& statement) {
    const auto database = open();
    for (int i = 0; i < 5; ++i) note(*database, "run.start");
    REQUIRE(database->run("DROP TRIGGER audit_is_never_changed"));
    REQUIRE(database->run("DROP TRIGGER audit_is_never_shortened"));
    REQUIRE(database->run(statement));
    return *first_forged(*database);
  };
  CHECK(forge("UPDATE audit SET who = 'mallory' WHERE sequence = 3") == 3);
  CHECK(forge("UPDATE audit SET at = '' WHERE sequence = 1") == 1);
  CHECK(forge("UPDATE audit SET hash = '' WHERE sequence = 5") == 5);
  CHECK(forge("DELETE FROM audit WHERE sequence = 2") == 2);
  CHECK(forge("INSERT INTO audit SELECT 6, at, who, action, subject, details, hash FROM audit WHERE sequence = 5") ==
        6);
  CHECK(forge("UPDATE audit SET sequence = 9 WHERE sequence = 5") == 5);
}
