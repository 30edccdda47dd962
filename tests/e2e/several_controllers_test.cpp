// Several controllers on one PostgreSQL: one leads, and when it is gone another one ends what it left.
#include <httplib.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/gamedays.h"
#include "controller/store/runs.h"
#include "controller/store/users.h"
#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"
#include "tests/e2e/postgres.h"

namespace {

using namespace fracas::test;
using fracas::controller::Database;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

json text(const std::string& world) {
  return {{"experiment", short_experiment(world)}};
}

bool acts(const json& run) {
  return run.contains("faults") && !run["faults"].empty();
}

// Whether /readyz comes to say that before a minute is over.
bool becomes(const Controller& controller, const std::string& part) {
  for (int i = 0; i < 1200; ++i) {
    if (controller.get("/readyz", "").body.find("ok, " + part) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

std::string address(const Controller& controller) {
  return "http://127.0.0.1:" + std::to_string(controller.port());
}

// Where a controller sends those who would start a run.
std::string sent_to(const Controller& controller, const std::string& token) {
  httplib::Client client("127.0.0.1", controller.port());
  client.set_bearer_token_auth(token.c_str());
  const auto answer = client.Post("/api/v1/runs?from=here", "{}", "application/json");
  return answer && answer->status == 307 ? answer->get_header_value("Location") : "";
}

std::vector<std::string> actions(const std::vector<fracas::controller::AuditEntry>& entries) {
  std::vector<std::string> all;
  for (const auto& entry : entries) all.push_back(entry.note.action);
  return all;
}

fracas::controller::StoredRun run(const std::string& id) {
  fracas::controller::StoredRun run;
  run.id = id;
  run.name = "short";
  run.seed = 18'446'744'073'709'551'615U;
  return run;
}

}  // namespace

TEST_CASE("store: PostgreSQL keeps what SQLite does, and in the same order", "[e2e][serve]") {
  using namespace fracas::controller;
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Postgres postgres;
  const auto store = std::move(*Database::open_postgres(postgres.settings()));
  const auto other = std::move(*Database::open_postgres(postgres.settings()));
  for (const char* id : {"20261121-b", "20261121-B", "20261121-a-2", "20261121-a"}) REQUIRE(save_run(*store, run(id)));
  StoredRun done = run("20261121-a");
  done.state = RunState::done;
  done.p99_ms = 1.0 / 3;
  done.ok = 12;
  REQUIRE(save_run(*other, done));
  const auto found = find_run(*store, done.id);
  REQUIRE((found && *found));
  CHECK((*found)->seed == done.seed);
  CHECK((*found)->p99_ms == done.p99_ms);
  CHECK((*found)->ok == 12);
  std::string ids;
  const auto listed = list_runs(*store, {});
  for (const StoredRun& each : *listed) ids += each.id + " ";
  CHECK(ids == "20261121-b 20261121-a-2 20261121-a 20261121-B ");  // by bytes, as in SQLite
  CHECK(list_runs(*store, {.before = "20261121-a-2", .limit = 1})->front().id == "20261121-a");
  CHECK(unfinished_runs(*store)->size() == 3);
  for (const char* note : {"first", "second"})
    REQUIRE(add_run_note(*store, done.id, {.at_ms = 2.5, .by = "bob", .text = note}));
  CHECK(run_notes(*store, done.id)->at(1).text == "second");
  REQUIRE(write_freeze(*store, {.frozen = true, .reason = "a 'release'", .by = "bob", .since = "now"}));
  CHECK(read_freeze(*other)->reason == "a 'release'");
  REQUIRE(save_gameday(*store, {"friday", "{}"}));
  REQUIRE(save_gameday(*store, {"friday", "{\"a\": 1}"}));
  CHECK(list_gamedays(*store)->at(0).body == "{\"a\": 1}");
  const std::string token = *add_user(*store, "alice", Role::approver);
  CHECK((*find_user_by_token(*other, token))->name == "alice");
  CHECK_FALSE(add_user(*other, "alice", Role::viewer).has_value());
  REQUIRE(remove_user(*other, "alice"));
  CHECK_FALSE(remove_user(*store, "alice"));
  {
    auto outer = store->begin();
    REQUIRE(outer.has_value());
    REQUIRE(append_audit(*store, {"alice", "kept", "GET /\xff", std::string("a\0b", 3)}));
    {
      auto inner = store->begin();
      REQUIRE(append_audit(*store, {"alice", "left out", "", ""}));
    }
    REQUIRE(outer->commit());
  }
  {
    auto failed = store->begin();
    CHECK_FALSE(store->run("SELECT nothing FROM nowhere"));
    CHECK_FALSE(failed->commit());
  }
  CHECK_FALSE(store->run("DELETE FROM audit"));
  CHECK_FALSE(store->run("TRUNCATE audit"));
  CHECK(actions(*list_audit(*store, 0, 10)) == std::vector<std::string>{"kept"});
  CHECK(*first_forged(*store) == 0);
}

TEST_CASE("store: those who write to one PostgreSQL at once keep one chain, one of them leads while its session lasts",
          "[e2e][serve]") {
  using namespace fracas::controller;
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Postgres postgres;
  constexpr int kWriters = 4;
  constexpr int kEntries = 50;
  std::vector<std::unique_ptr<Database>> stores;
  for (int i = 0; i < kWriters; ++i) stores.push_back(std::move(*Database::open_postgres(postgres.settings())));
  {
    std::vector<std::jthread> writers;
    for (const auto& store : stores)
      writers.emplace_back([&store] {
        for (int i = 0; i < kEntries; ++i) static_cast<void>(append_audit(*store, {"somebody", "run.start", "", ""}));
      });
  }
  CHECK(list_audit(*stores[0], 0, 1000)->size() == kWriters * kEntries);
  CHECK(*first_forged(*stores[0]) == 0);
  CHECK(*stores[0]->try_lead());
  CHECK(*stores[0]->try_lead());
  CHECK_FALSE(*stores[1]->try_lead());
  REQUIRE(stores[1]->run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"));
  CHECK_FALSE(append_audit(*stores[0], {"the leader", "that was", "", ""}));
  CHECK_FALSE(append_audit(*stores[0], {"the leader", "that was", "", ""}));  // it gets no other session
  CHECK(*stores[1]->try_lead());
}

TEST_CASE("serve: of two controllers on one store one leads, and when it is killed the other one ends its run",
          "[e2e][serve]") {
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Postgres postgres;
  const Scratch scratch;
  const std::vector<std::string> words{"--store", postgres.settings()};
  Controller first(scratch, words);
  const std::string token = first.add_user("alice", "operator");
  REQUIRE(becomes(first, "leads"));
  Controller second(scratch, words);
  REQUIRE(becomes(second, "follows " + address(first)));
  CHECK(sent_to(second, token) == address(first) + "/api/v1/runs?from=here");
  CHECK(second.get("/readyz?part=leader", "").status == 503);
  CHECK(second.get("/api/v1/runs", token).status == 200);
  CHECK(second.get("/metrics", "").body.find("fracas_leader 0") != std::string::npos);
  CHECK(second.get("/", "").status == 307);

  const std::string id = first.post("/api/v1/runs", text("lab"), token).json["id"];
  REQUIRE(acts(first.wait_for(id, token, acts)));
  REQUIRE(first.program().process().signal(SIGKILL));
  const auto killed = Clock::now();
  REQUIRE(becomes(second, "leads"));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - killed);
  WARN("the next one leads, the run healed and marked, " << took.count() << " ms after the kill");
  CHECK(took < std::chrono::seconds(5));  // the lease of faults that name none
  const json run = second.get("/api/v1/runs/" + id, token).json;
  CHECK(run["state"] == "done");
  CHECK(run["verdict"] == "aborted");
  CHECK(run["error"] == "the controller ended while it ran; what it left is healed");
  CHECK(remains(scratch, second.program().pid()) == std::vector<std::string>{});
  const std::string next = second.post("/api/v1/runs", text("sim"), token).json["id"];
  CHECK(second.wait_done(next, token)["verdict"] == "pass");
  const auto store = std::move(*Database::open_postgres(postgres.settings()));
  CHECK(*fracas::controller::first_forged(*store) == 0);
  CHECK(fracas::controller::unfinished_runs(*store)->empty());
}

TEST_CASE("serve: a leader that loses its session ends its runs and itself", "[e2e][serve]") {
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Postgres postgres;
  const Scratch scratch;
  Controller leader(scratch, {"--store", postgres.settings()});
  const std::string token = leader.add_user("alice", "operator");
  REQUIRE(becomes(leader, "leads"));
  const std::string id = leader.post("/api/v1/runs", text("lab"), token).json["id"];
  REQUIRE(acts(leader.wait_for(id, token, acts)));
  const auto store = std::move(*Database::open_postgres(postgres.settings()));
  REQUIRE(store->run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"));
  CHECK(leader.program().wait() == 5);
  CHECK(leader.program().output().find("the session with the store was lost") != std::string::npos);
  CHECK(remains(scratch) == std::vector<std::string>{});
  CHECK((*fracas::controller::find_run(*store, id))->state != fracas::controller::RunState::done);
  Controller next(scratch, {"--store", postgres.settings()});
  REQUIRE(becomes(next, "leads"));
  CHECK(next.get("/api/v1/runs/" + id, token).json["verdict"] == "aborted");
}
