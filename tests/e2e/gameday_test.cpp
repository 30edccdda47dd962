// Game days as a team meets them: the real daemon, the command line of each person, and what is left behind.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include "tests/catch/catch.h"
#include "tests/e2e/team.h"

namespace {

using namespace fracas::test;
using nlohmann::json;
using namespace std::chrono_literals;

// One partition in a lab, for half a minute.
const std::string kLab =
    "name = \"lab\"\n[approval]\ncount = 0\n[[experiment]]\nfile = \"raft/partition-majority.toml\"\n"
    "set = [\"phases.warmup=1s\", \"phases.faults=36s\", \"fault.0.at=100ms\", \"fault.0.for=29s\", "
    "\"duration_max=2m\"]\n";

// "approved ann; started olga; …"
std::string timeline(const json& day) {
  std::string all;
  for (const json& entry : day["timeline"])
    all += entry["kind"].get<std::string>() + " " + entry["who"].get<std::string>() + "; ";
  return all;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("gameday: it is planned, approved, started, annotated and over, and blind until then", "[e2e][gameday]") {
  const Scratch scratch;
  Team team(scratch);
  const Ended submitted = team.submits("olga", drill("blind = true\n", "15s"));
  INFO(submitted.output);
  REQUIRE(submitted.code == 0);
  CHECK(team.says("olga", {"start", "drill"}).output.find("0 of 1 approvals; role:approver may give them") !=
        std::string::npos);
  CHECK(team.says("vera", {"approve", "drill"}).output.find("vera (viewer) is not among them") != std::string::npos);
  CHECK(team.says("olga", {"approve", "drill"}).code != 0);
  CHECK(team.says("ann", {"approve", "drill"}).code == 0);
  CHECK(is(team.sees("vera", "drill"), "approved"));
  CHECK(team.says("vera", {"start", "drill"}).code != 0);
  CHECK(team.sees("vera", "drill")["experiments"].empty());
  CHECK(team.sees("ann", "drill")["experiments"].size() == 2);

  CHECK(team.says("olga", {"start", "drill"}).code == 0);
  const json paused = team.waits("olga", "drill", 30s, [](const json& day) {
    return !day["experiments"].empty() && day["experiments"][0]["state"] == "done";
  });
  REQUIRE_FALSE(paused.is_null());
  const json hidden = team.sees("vera", "drill");
  CHECK(is(hidden, "running"));
  CHECK(hidden["experiments"].empty());
  CHECK_FALSE(has(hidden, "fault"));
  CHECK(hidden.dump().find("kill-leader") == std::string::npos);
  CHECK(team.says("olga", {"note", "drill", "latency doubled"}).code == 0);
  CHECK(team.says("olga", {"detected", "drill"}).code == 0);
  CHECK(team.says("olga", {"mitigated", "drill", "traffic moved"}).code == 0);

  const json over = team.waits("vera", "drill", 60s, [](const json& day) { return is(day, "done"); });
  REQUIRE_FALSE(over.is_null());
  REQUIRE(over["experiments"].size() == 2);
  for (const json& each : over["experiments"]) {
    CHECK(each["verdict"] == "pass");
    const json run = team.controller().get("/api/v1/runs/" + each["run"].get<std::string>(), team.token("vera")).json;
    CHECK(run["gameday"] == "drill");
    CHECK(run["by"] == "olga");
  }
  CHECK(over["detect_s"].get<double>() > 0);
  CHECK(over["mitigate_s"].get<double>() >= over["detect_s"].get<double>());
  const std::string told = timeline(over);
  CHECK(told.starts_with("approved ann; started olga; started fracas; fault fracas; "));
  CHECK(told.ends_with("ended fracas; ended fracas; "));
  for (const char* entry : {"note olga", "detected olga", "mitigated olga"}) CHECK(count(told, entry) == 1);
  const Ended shown = team.says("vera", {"show", "drill"});
  CHECK(shown.output.find("traffic moved") != std::string::npos);

  const json audit = team.controller().get("/api/v1/audit?limit=1000", team.token("root")).json;
  CHECK(audit["intact"] == true);
  std::string actions;
  for (const json& entry : audit["entries"])
    if (entry["subject"] == "drill")
      actions += entry["who"].get<std::string>() + " " + entry["action"].get<std::string>() + "; ";
  CHECK(actions ==
        "olga gameday.submit; ann gameday.approve; olga gameday.start; olga gameday.note; olga gameday.detected; "
        "olga gameday.mitigated; fracas gameday.done; ");
}

TEST_CASE("gameday: stop ends every fault in the lab in under a second", "[e2e][gameday]") {
  const Scratch scratch;
  Team team(scratch);
  const Ended submitted = team.submits("olga", kLab);
  INFO(submitted.output);
  REQUIRE(submitted.code == 0);
  REQUIRE(team.says("olga", {"start", "lab"}).code == 0);
  REQUIRE_FALSE(team.waits("olga", "lab", 60s, [](const json& day) { return has(day, "fault"); }).is_null());
  const auto begin = std::chrono::steady_clock::now();
  const auto stopped = team.controller().post("/api/v1/gamedays/lab/stop", json::object(), team.token("olga"));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(stopped.status == 200);
  CHECK(took < 1s);
  WARN("faults over " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms after stop");
  const json over = team.waits("olga", "lab", 60s, [](const json& day) { return is(day, "stopped"); });
  REQUIRE_FALSE(over.is_null());
  CHECK(over["experiments"][0]["verdict"] == "aborted");
  CHECK(remains(scratch, team.controller().program().pid()).empty());
}

TEST_CASE("gameday: a guard that fails refuses the start, and one that begins to fail ends the faults",
          "[e2e][gameday]") {
  const Scratch scratch;
  Team team(scratch);
  const auto calm = scratch.path() / "calm";
  const std::string guard =
      "[[guard]]\nname = \"calm\"\nkind = \"command\"\ninterval = \"100ms\"\ntimeout = \"10s\"\ncommand = "
      "[\"/usr/bin/test\", \"-e\", \"" +
      calm.string() + "\"]\n";
  const Ended submitted = team.submits("olga", kLab + guard);
  INFO(submitted.output);
  REQUIRE(submitted.code == 0);
  CHECK(submitted.output.find("every 100ms while one runs") != std::string::npos);
  const std::string failed = "guard calm failed: exit code 1, not 0";
  const Ended refused = team.says("olga", {"start", "lab"});
  CHECK(refused.code == 5);
  CHECK(refused.output == "fracas gameday: before raft-partition-majority (1 of 1): " + failed + "\n");
  CHECK(is(team.sees("vera", "lab"), "stopped"));
  CHECK(team.controller().get("/api/v1/runs", team.token("vera")).json["runs"].empty());

  std::ofstream(calm) << "yes";
  CHECK(team.says("olga", {"start", "lab"}).code == 0);
  REQUIRE_FALSE(team.waits("olga", "lab", 60s, [](const json& day) { return has(day, "fault"); }).is_null());
  std::filesystem::remove(calm);
  const json over = team.waits("olga", "lab", 60s, [](const json& day) { return is(day, "stopped"); });
  REQUIRE_FALSE(over.is_null());
  CHECK(over["experiments"][0]["verdict"] == "aborted");
  const auto told =
      std::ranges::find_if(over["timeline"], [](const json& entry) { return entry["kind"] == "stopped"; });
  REQUIRE(told != over["timeline"].end());
  CHECK((*told)["text"] == "during raft-partition-majority (1 of 1): " + failed);
  CHECK((*told)["who"] == "fracas");
}

TEST_CASE("gameday: a freeze blocks its start, and a controller that was killed says what it cut off",
          "[e2e][gameday]") {
  const Scratch scratch;
  Team::Tokens tokens;
  {
    Team team(scratch);
    tokens = team.tokens();
    REQUIRE(team.submits("olga", drill("[approval]\ncount = 0\n", "1m")).code == 0);
    const json freeze{{"frozen", true}, {"reason", "release week"}};
    REQUIRE(team.controller().put("/api/v1/freeze", freeze, team.token("olga")).status == 200);
    const auto frozen = team.controller().post("/api/v1/gamedays/drill/start", json::object(), team.token("olga"));
    CHECK(frozen.status == 423);
    CHECK(frozen.json["error"] == "starts are frozen by olga: release week");
    REQUIRE(team.controller().put("/api/v1/freeze", {{"frozen", false}}, team.token("ann")).status == 200);
    REQUIRE(team.says("olga", {"start", "drill"}).code == 0);
    ::kill(team.controller().program().pid(), SIGKILL);
    team.controller().program().wait();
  }
  Team next(scratch, tokens);
  const json day = next.sees("vera", "drill");
  CHECK(is(day, "stopped"));
  CHECK(day["timeline"].back()["text"] == "the controller ended while it ran");
}

TEST_CASE("gameday: one that is due every minute starts by itself", "[e2e][gameday]") {
  const Scratch scratch;
  Team team(scratch);
  REQUIRE(team.submits("olga", drill("[schedule]\ncron = \"* * * * *\"\n[approval]\ncount = 0\n")).code == 0);
  const json planned = team.sees("vera", "drill");
  CHECK(planned["starts"].size() == 100);
  const json begun = team.waits("vera", "drill", 90s, [](const json& day) { return is(day, "running"); });
  REQUIRE_FALSE(begun.is_null());
  if (is(planned, "running")) return;  // its minute came between two lines
  const std::string started = begun["started"];
  CHECK(started.substr(0, 16) == planned["next"].get<std::string>().substr(0, 16));
}
