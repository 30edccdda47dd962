// Several controllers on one PostgreSQL: one leads, and when it is gone another one ends what it left.
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/gamedays.h"
#include "controller/store/runs.h"
#include "controller/store/users.h"
#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"
#include "tests/e2e/machine_room.h"
#include "tests/e2e/postgres.h"

namespace {

using namespace fracas::test;
using fracas::controller::Database;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

json text(const std::string& world) {
  return {{"experiment", short_experiment(world)}};
}

// The same, with a partition that lasts until somebody ends it.
json long_text() {
  std::string experiment = short_experiment("lab");
  for (const auto& [from, to] : {std::pair{"duration_max = \"1m\"", "duration_max = \"5m\""},
                                 {"faults = \"4s\"", "faults = \"2m\""},
                                 {"for = \"3500ms\"", "for = \"110s\""}})
    experiment.replace(experiment.find(from), std::string_view(from).size(), to);
  return {{"experiment", experiment}};
}

bool acts(const json& run) {
  return run.contains("faults") && !run["faults"].empty();
}

// Whether the condition holds before a minute is over.
template <typename Condition>
bool comes_true(const Condition& condition) {
  for (int i = 0; i < 1200; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

// Whether /readyz says that.
bool is(const Controller& controller, const std::string& part) {
  return controller.get("/readyz", "").body.find("ok, " + part) == 0;
}

bool becomes(const Controller& controller, const std::string& part) {
  return comes_true([&] { return is(controller, part); });
}

std::int64_t milliseconds_since(Clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - then).count();
}

// Whether a socket of this thread's network namespace is connected to a PostgreSQL, or has something to send there.
bool speaks_to_postgres() {
  return content("/proc/thread-self/net/tcp").find(":1538 ") != std::string::npos;  // port 5432
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
  WARN("the next one leads, the run healed and marked, " << milliseconds_since(killed) << " ms after the kill");
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

TEST_CASE("serve: a leader whose network is gone ends its run and itself, and then another one leads", "[e2e][serve]") {
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  if (const std::string missing = MachineRoom::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  enum : std::size_t { database, one, other };
  MachineRoom room({"database", "chaos-1", "chaos-2"});
  const auto postgres = room.on(database, [&] { return std::make_unique<Postgres>(MachineRoom::address(database)); });
  const std::vector<std::string> words{"--store", postgres->settings_by_network()};
  const auto serve = [&](std::size_t machine, const Scratch& scratch) {
    return room.on(machine, [&] { return std::make_unique<Controller>(scratch, words); });
  };
  const auto leads = [&](std::size_t machine, const Controller& controller) {
    return room.on(machine, [&] { return is(controller, "leads"); });
  };
  const Scratch first_folder;
  const auto first = serve(one, first_folder);
  REQUIRE(comes_true([&] { return leads(one, *first); }));
  const std::string token = room.on(one, [&] { return first->add_user("alice", "operator"); });
  const std::string id = room.on(one, [&] {
    const std::string started = first->post("/api/v1/runs", long_text(), token).json["id"];
    REQUIRE(acts(first->wait_for(started, token, acts)));
    return started;
  });
  const Scratch second_folder;
  const auto second = serve(other, second_folder);
  REQUIRE(room.on(other, [&] { return becomes(*second, "follows"); }));

  room.cut(one);
  const auto cut = Clock::now();
  bool both = false;
  std::int64_t given_up_ms = 0;
  std::int64_t ended_ms = 0;
  REQUIRE(comes_true([&] {
    if (given_up_ms == 0 && !leads(one, *first)) given_up_ms = milliseconds_since(cut);
    if (ended_ms == 0 && first->program().wait(std::chrono::seconds(0)) >= 0) ended_ms = milliseconds_since(cut);
    const bool led = leads(other, *second);
    both |= led && leads(one, *first);
    return led;
  }));
  const std::int64_t taken_ms = milliseconds_since(cut);
  CHECK(first->program().wait() == 5);
  WARN("cut off, it led no more after " << given_up_ms << " ms and had ended after " << ended_ms
                                        << " ms (0: later than that); the other one led after " << taken_ms << " ms");
  CHECK_FALSE(both);
  CHECK(first->program().output().find("the session with the store was lost") != std::string::npos);
  CHECK(remains(first_folder) == std::vector<std::string>{});
  const json run = room.on(other, [&] { return second->get("/api/v1/runs/" + id, token).json; });
  CHECK(run["verdict"] == "aborted");
  CHECK(run["error"].get<std::string>().find("the next controller on chaos-1 heals the rest") != std::string::npos);

  room.mend(one);
  const auto back = serve(one, first_folder);
  CHECK(room.on(one, [&] { return becomes(*back, "follows http://127.0.0.1:"); }));
  const auto store = std::move(*Database::open_postgres(postgres->settings()));
  CHECK(comes_true([&] {
    const auto noted = actions(*fracas::controller::list_audit(*store, 0, 1000));
    return std::find(noted.begin(), noted.end(), "run.heal") != noted.end();
  }));
  CHECK(*fracas::controller::first_forged(*store) == 0);
}

TEST_CASE("store: what a leader sent while it was cut off is not written once another one leads", "[e2e][serve]") {
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  if (const std::string missing = MachineRoom::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  enum : std::size_t { database, one };
  MachineRoom room({"database", "chaos-1"});
  const auto postgres = room.on(database, [&] { return std::make_unique<Postgres>(MachineRoom::address(database)); });
  const auto leader =
      room.on(one, [&] { return std::move(*Database::open_postgres(postgres->settings_by_network())); });
  REQUIRE(*leader->try_lead());
  REQUIRE(save_run(*leader, run("before")));

  room.cut(one);
  CHECK_FALSE(save_run(*leader, run("late")));  // it is on its way: the kernel sends it until it is told not to
  CHECK(room.on(one, speaks_to_postgres));
  const auto next = std::move(*Database::open_postgres(postgres->settings()));
  REQUIRE(comes_true([&] { return *next->try_lead(); }));
  REQUIRE(save_run(*next, run("after")));
  room.mend(one);
  CHECK(comes_true([&] { return !room.on(one, speaks_to_postgres); }));
  CHECK_FALSE(save_run(*leader, run("later")));
  CHECK((*fracas::controller::find_run(*next, "before")).has_value());
  CHECK((*fracas::controller::find_run(*next, "after")).has_value());
  CHECK_FALSE((*fracas::controller::find_run(*next, "late")).has_value());
  CHECK_FALSE((*fracas::controller::find_run(*next, "later")).has_value());
}

TEST_CASE("serve: a leader that is stopped is replaced, and ends itself when it goes on", "[e2e][serve]") {
  if (const std::string missing = Postgres::missing(); !missing.empty()) FRACAS_SKIP(missing.c_str());
  const Postgres postgres;
  const Scratch scratch;
  const std::vector<std::string> words{"--store", postgres.settings()};
  Controller first(scratch, words);
  REQUIRE(becomes(first, "leads"));
  const Controller second(scratch, words);
  REQUIRE(becomes(second, "follows " + address(first)));
  REQUIRE(first.program().process().signal(SIGSTOP));
  const auto stopped = Clock::now();
  CHECK(becomes(second, "leads"));
  WARN("the other one led " << milliseconds_since(stopped) << " ms after the stop");
  REQUIRE(first.program().process().signal(SIGCONT));
  CHECK(first.program().wait() == 5);
  CHECK(is(second, "leads"));
}
