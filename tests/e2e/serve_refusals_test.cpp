// What is refused, each with its line in the audit log: wrong roles, requests that are too large, requests and
// connections that are sent again. Certificates: serve_tls_test.cpp.
#include <httplib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "tests/catch/catch.h"
#include "tests/e2e/authority.h"
#include "tests/e2e/controller.h"
#include "tests/e2e/wire_recorder.h"

namespace {

using namespace fracas::test;
using nlohmann::json;

// "WHO ACTION SUBJECT: DETAILS", oldest first.
std::vector<std::string> audit(const Scratch& scratch) {
  const auto database = fracas::controller::Database::open(scratch.path() / "controller" / "fracas.db");
  REQUIRE(database.has_value());
  const auto entries = fracas::controller::list_audit(**database, 0, 1000);
  CHECK(*fracas::controller::first_forged(**database) == 0);
  std::vector<std::string> lines;
  for (const auto& entry : *entries)
    lines.push_back(entry.note.who + " " + entry.note.action + " " + entry.note.subject + ": " + entry.note.details);
  return lines;
}

long count(const std::vector<std::string>& lines, const std::string& part) {
  return std::count_if(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

struct Sent {
  int status = 0;
  json body;
  bool replayed = false;
};

// Starts a run, with a key.
Sent start(const Controller& controller, const std::string& token, const std::string& key, const json& body) {
  httplib::Client client("127.0.0.1", controller.port());
  const auto answer = client.Post("/api/v1/runs", {{"Authorization", "Bearer " + token}, {"Idempotency-Key", key}},
                                  body.dump(), "application/json");
  if (!answer) return {};
  return {.status = answer->status,
          .body = json::parse(answer->body, nullptr, false),
          .replayed = answer->get_header_value("Idempotency-Replayed") == "true"};
}

}  // namespace

TEST_CASE("serve: a wrong role is refused, and the audit log says whose and what", "[e2e][serve]") {
  const Scratch scratch;
  const Controller controller(scratch);
  const std::string viewer = controller.add_user("eve", "viewer");
  const std::string operates = controller.add_user("olga", "operator");
  CHECK(controller.post("/api/v1/runs", {{"experiment", short_experiment("sim")}}, viewer).status == 403);
  CHECK(controller.post("/api/v1/stop", json::object(), viewer).status == 403);
  CHECK(controller.get("/api/v1/audit", operates).status == 403);
  CHECK(controller.put("/api/v1/freeze", {{"frozen", false}}, operates).status == 403);
  CHECK(controller.get("/api/v1/runs", std::string(64, '0')).status == 401);
  const auto lines = audit(scratch);
  CHECK(count(lines, "eve refused POST /api/v1/runs: 403 eve is viewer; this takes operator") == 1);
  CHECK(count(lines, "eve refused POST /api/v1/stop: 403") == 1);
  CHECK(count(lines, "olga refused GET /api/v1/audit: 403 olga is operator; this takes admin") == 1);
  CHECK(count(lines, "olga refused PUT /api/v1/freeze: 403") == 1);
  CHECK(count(lines, "127.0.0.1 refused GET /api/v1/runs: 401 this token or certificate is nobody's") == 1);
  CHECK(count(lines, "run.start") == 0);
}

TEST_CASE("serve: requests that are too large are refused, and the audit log says which", "[e2e][serve]") {
  const Scratch scratch;
  const Controller controller(scratch);
  const std::string token = controller.add_user("olga", "operator");
  CHECK(controller.post("/api/v1/runs", {{"experiment", std::string(2 << 20, 'x')}}, token).status == 413);
  CHECK(controller.get("/api/v1/runs/" + std::string(9000, 'x'), token).status == 414);
  CHECK(controller.get("/api/v1/me", std::string(9000, '0')).status == 400);
  const auto lines = audit(scratch);
  CHECK(count(lines, "refused POST /api/v1/runs: 413 a body has at most 1 MiB") == 1);
  CHECK(count(lines, ": 414 a path has at most 8 KiB") == 1);
  CHECK(count(lines, "a line of its header has over 8 KiB") == 1);
}

TEST_CASE("serve: a start that is sent again with its key starts nothing twice, another one with it is refused",
          "[e2e][serve]") {
  const Scratch scratch;
  const json body{{"experiment", short_experiment("sim")}};
  json first;
  std::string token;
  {
    Controller controller(scratch);
    token = controller.add_user("olga", "operator");
    const Sent begun = start(controller, token, "release-4.2", body);
    REQUIRE(begun.status == 201);
    CHECK_FALSE(begun.replayed);
    first = begun.body;
    const Sent again = start(controller, token, "release-4.2", body);
    CHECK(again.status == 201);
    CHECK(again.replayed);
    CHECK(again.body == first);
    const Sent other = start(controller, token, "release-4.2", {{"file", "raft/kill-leader.toml"}});
    CHECK(other.status == 422);
    CHECK(other.body["code"] == "key_reused");
    CHECK(controller.wait_done(first["id"], token)["verdict"] == "pass");
  }
  const Controller next(scratch);
  CHECK(start(next, token, "release-4.2", body).body == first);
  CHECK(next.get("/api/v1/runs", token).json["runs"].size() == 1);
  const auto lines = audit(scratch);
  CHECK(count(lines, "olga run.start ") == 1);
  CHECK(count(lines, "olga repeated POST /api/v1/runs: answered as before: 201, key release-4.2") == 2);
  CHECK(count(lines, "olga refused POST /api/v1/runs: 422 this Idempotency-Key came with another request") == 1);
}

TEST_CASE("serve: a TLS connection that was recorded is refused when it is sent again, and the audit log says so",
          "[e2e][serve]") {
  const Scratch scratch;
  const Authority authority(scratch.path(), "ca");
  authority.issue("server", "127.0.0.1");
  authority.issue("alice", "alice");
  Controller controller(scratch, {"--tls-cert", authority.path("server.pem"), "--tls-key", authority.path("server.key"),
                                  "--client-ca", authority.path("ca.pem")});
  static_cast<void>(controller.add_user("alice", "operator"));
  WireRecorder recorder(controller.port());
  {
    httplib::SSLClient client("127.0.0.1", recorder.port(), authority.path("alice.pem"), authority.path("alice.key"));
    client.enable_server_certificate_verification(false);
    const auto answer = client.Put("/api/v1/freeze", R"({"frozen": true, "reason": "release"})", "application/json");
    REQUIRE(answer);
    CHECK(answer->status == 200);
  }
  const std::string recorded = recorder.recorded();
  CHECK(count(audit(scratch), "alice freeze") == 1);
  static_cast<void>(send_bytes(controller.port(), recorded));
  const auto lines = audit(scratch);
  CHECK(count(lines, "alice freeze") == 1);
  CHECK(count(lines, "127.0.0.1 refused TLS handshake: 401 TLS: ") == 1);
}
