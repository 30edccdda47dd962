// `fracas serve` as a user meets it: the real daemon, over HTTP.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <thread>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/runs.h"
#include "lib/base/random.h"
#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"

namespace {

using namespace fracas::test;
using nlohmann::json;
using namespace std::chrono_literals;

json text(const std::string& world) {
  return {{"experiment", short_experiment(world)}};
}

bool acts(const json& run) {
  return run.contains("faults") && !run["faults"].empty();
}

int number_in(const char* variable, int otherwise) {
  const char* wanted = std::getenv(variable);
  return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

std::string experiments_of(const json& answer) {
  return answer.contains("experiments") ? answer["experiments"].dump() : "";
}

}  // namespace

TEST_CASE("serve: a run is started, followed, annotated, read and found in the audit log", "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const std::string admin = controller.add_user("root", "admin");
  CHECK(controller.get("/", "").body.find("<html") != std::string::npos);
  CHECK(controller.get("/api/v1/me", token).json["name"] == "alice");
  CHECK(controller.get("/openapi.json", "").json["openapi"] == "3.1.0");
  CHECK(controller.get("/metrics", "").body.find("fracas_runs_total") != std::string::npos);
  CHECK(experiments_of(controller.get("/api/v1/experiments", token).json).find("raft/kill-leader.toml") !=
        std::string::npos);

  const auto started = controller.post("/api/v1/runs", text("sim"), token);
  INFO(started.body);
  REQUIRE(started.status == 201);
  const std::string id = started.json["id"];
  CHECK(id.ends_with("-short-7"));
  const json done = controller.wait_done(id, token);
  CHECK(done["verdict"] == "pass");
  CHECK(done["as_expected"] == true);
  CHECK(done["ok"].get<double>() > 500);
  CHECK(done["by"] == "alice");
  REQUIRE(done["faults"].size() == 1);
  CHECK(done["faults"][0]["counted"]["affected"].get<double>() > 0);
  CHECK(done["checks"][0]["verdict"] == "pass");

  const std::string run = "/api/v1/runs/" + id;
  CHECK(controller.post(run + "/notes", {{"text", "looked at it"}}, token).status == 201);
  CHECK(controller.get(run, token).json["notes"][0]["text"] == "looked at it");
  const auto events = controller.get(run + "/events", token);
  CHECK(events.body.starts_with("id: 1\nevent: begin\n"));
  CHECK(events.body.find("event: verdict\n") != std::string::npos);
  CHECK(events.body.find("event: note\n") == std::string::npos);  // it came after the end
  CHECK(controller.get(run + "/files/verdict.json", token).json["outcome"] == "pass");
  CHECK(controller.get(run + "/page", token).json["name"] == "short");
  CHECK(controller.get(run + "/files/../../../fracas.db", token).status == 404);
  CHECK(controller.get("/api/v1/runs?state=done", token).json["runs"].size() == 1);

  const json audit = controller.get("/api/v1/audit", admin).json;
  CHECK(audit["intact"] == true);
  std::vector<std::string> actions;
  for (const json& entry : audit["entries"]) actions.push_back(entry["action"]);
  for (const char* action : {"user.add", "run.start", "run.end", "run.note"})
    CHECK(std::find(actions.begin(), actions.end(), action) != actions.end());
}

TEST_CASE("serve: what may not be, or cannot be, is refused in one line", "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  CHECK(controller.get("/api/v1/me", "").body.find("fracas serve user add") != std::string::npos);
  const std::string viewer = controller.add_user("eve", "viewer");
  const std::string operates = controller.add_user("alice", "operator");
  CHECK(controller.post("/api/v1/runs", text("sim"), viewer).status == 403);
  const auto mistaken = controller.post("/api/v1/runs", {{"experiment", "name = 7"}}, operates);
  CHECK(mistaken.status == 400);
  CHECK(mistaken.json["error"].get<std::string>().find("experiment.toml:1:") != std::string::npos);
  CHECK(controller.post("/api/v1/runs", {{"file", "../../etc/passwd"}}, operates).status == 404);
  CHECK(controller.post("/api/v1/runs", {{"files", "x"}}, operates).status == 400);
  CHECK(controller.post("/api/v1/runs", {{"experiment", std::string(2 << 20, 'x')}}, operates).status == 413);
  CHECK(controller.get("/api/v1/runs/unknown", viewer).status == 404);
  CHECK(controller.put("/api/v1/freeze", {{"frozen", true}, {"reason", "release"}}, operates).status == 200);
  const auto frozen = controller.post("/api/v1/runs", text("sim"), operates);
  CHECK(frozen.status == 423);
  CHECK(frozen.json["error"].get<std::string>().find("release") != std::string::npos);
  CHECK(controller.put("/api/v1/freeze", {{"frozen", false}}, operates).status == 403);
  for (int i = 0; i < 25; ++i) controller.get("/api/v1/me", "0000");
  CHECK(controller.get("/api/v1/me", "0000").status == 429);
  CHECK(controller.get("/api/v1/me", viewer).status == 200);
}

TEST_CASE("serve: stop ends every fault of a run in the lab in under a second, and the report is still written",
          "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const std::string id = controller.post("/api/v1/runs", text("lab"), token).json["id"];
  const std::string waits = controller.post("/api/v1/runs", text("lab"), token).json["id"];
  REQUIRE(acts(controller.wait_for(id, token, acts)));
  CHECK(controller.get("/api/v1/runs/" + waits, token).json["state"] == "waiting");
  const auto begin = std::chrono::steady_clock::now();
  const auto stopped = controller.post("/api/v1/runs/" + id + "/stop", json::object(), token);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(stopped.status == 200);
  CHECK(took < 1s);
  WARN("faults over " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms after stop");
  controller.post("/api/v1/stop", json::object(), token);
  CHECK(controller.wait_done(id, token)["verdict"] == "aborted");
  CHECK(controller.get("/api/v1/runs/" + id + "/files/report.html", token).status == 200);
  CHECK(controller.wait_done(waits, token)["verdict"] == "aborted");
}

TEST_CASE("serve: a run whose process is killed ends as could-not-run, healed, the controller goes on",
          "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const std::string id = controller.post("/api/v1/runs", text("lab"), token).json["id"];
  REQUIRE(acts(controller.wait_for(id, token, acts)));
  for (const pid_t pid : find_processes({"fracas", "--live", id})) ::kill(pid, SIGKILL);
  const json done = controller.wait_done(id, token);
  CHECK(done["verdict"] == "could-not-run");
  CHECK(done["error"].get<std::string>().find("signal 9") != std::string::npos);
  CHECK(remains(scratch, controller.program().pid()) == std::vector<std::string>{});
  CHECK(controller.get("/readyz", "").status == 200);
  REQUIRE(controller.program().process().signal(SIGTERM));
  CHECK(controller.program().wait() == 0);
}

TEST_CASE("serve: killed by SIGKILL at any moment, the next controller finds the store whole, the run marked, no fault",
          "[e2e][serve]") {
  const Scratch scratch;
  // At how many moments, and which: more than CI has time for where somebody asks.
  const int kills = number_in("FRACAS_SERVE_KILLS", 3);
  fracas::RandomStream random(static_cast<std::uint64_t>(number_in("FRACAS_SERVE_SEED", 11)), "serve-kills");
  std::string token;
  std::map<std::string, int> verdicts;
  for (int i = 0; i < kills; ++i) {
    std::string id;
    {
      Controller controller(scratch);
      if (token.empty()) token = controller.add_user("alice", "operator");
      id = controller.post("/api/v1/runs", text("lab"), token).json["id"];
      std::this_thread::sleep_for(std::chrono::milliseconds(random.below(9000)));
      REQUIRE(controller.program().process().signal(SIGKILL));
      controller.program().wait();
    }
    INFO("kill " << i << " of " << id);
    Controller next(scratch);
    const json run = next.get("/api/v1/runs/" + id, token).json;
    CHECK(run["state"] == "done");
    ++verdicts[run["verdict"]];
    CHECK((run["verdict"] == "aborted" || run["verdict"] == "pass"));
    CHECK(remains(scratch, next.program().pid()) == std::vector<std::string>{});
    REQUIRE(next.program().process().signal(SIGKILL));
    next.program().wait();
    const auto database = fracas::controller::Database::open(scratch.path() / "controller" / "fracas.db");
    REQUIRE(database.has_value());
    CHECK((*database)->query("PRAGMA integrity_check")->at(0).text(0) == "ok");
    CHECK(*fracas::controller::first_forged(**database) == 0);
    CHECK(fracas::controller::unfinished_runs(**database)->empty());
  }
  for (const auto& [verdict, runs] : verdicts) WARN(runs << " runs ended as " << verdict);
}
