#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "controller/serve/event_log.h"
#include "controller/serve/gatekeeper.h"
#include "controller/serve/refusals.h"
#include "controller/serve/routes.h"
#include "controller/serve/run_folders.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "lib/model/api.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

// A store with a user of each role, called after it.
struct Town {
  Town() : database(std::move(*Database::open(":memory:"))), gatekeeper(*database) {
    for (const Role role : {Role::viewer, Role::operating, Role::approver, Role::admin})
      tokens.push_back(*add_user(*database, std::string(name(role)), role));
  }
  std::string token(Role role) const { return tokens.at(static_cast<std::size_t>(role)); }
  std::vector<AuditEntry> audit() const { return *list_audit(*database, 0, 1000); }

  std::unique_ptr<Database> database;
  Gatekeeper gatekeeper;
  std::vector<std::string> tokens;
};

Request request(const std::string& method, const std::string& path) {
  Request made;
  made.method = method;
  made.path = path;
  made.address = "192.0.2.7";
  return made;
}

// A path of the endpoint.
std::string path_of(const Route& route) {
  std::string path;
  for (const std::string& part : route.parts) path += part.starts_with('{') ? "/some" : "/" + part;
  return path;
}

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-serve-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string all(const Pieces& pieces) {
  std::string text;
  for (std::string piece; pieces(piece); piece.clear()) text += piece;
  return text;
}

}  // namespace

TEST_CASE("routes: every endpoint is found by its own path, with what stands for its names", "[unit][serve]") {
  CHECK(routes().size() >= 15);
  for (const Route& route : routes()) {
    Request made = request(route.method, path_of(route));
    CAPTURE(route.name, made.path);
    const Route* found = find_route(made);
    REQUIRE(found != nullptr);
    CHECK(found->name == route.name);
  }
  Request file = request("GET", "/api/v1/runs/20261121-a-7/files/nodes/n1/node.log");
  REQUIRE(find_route(file) != nullptr);
  CHECK(file.part("id") == "20261121-a-7");
  CHECK(file.part("path") == "nodes/n1/node.log");
  for (const char* path : {"", "/", "x", "/api/v1", "/api/v1/runs/", "/api/v1//runs", "/api/v1/runs/a/files/",
                           "/api/v1/runs/a/b", "/api/v1/me/"})
    CHECK_FALSE(path_exists(path));
}

TEST_CASE("gatekeeper: each endpoint admits the roles it is for, and no others", "[unit][serve]") {
  Town town;
  for (const Route& route : routes())
    for (const Role role : {Role::viewer, Role::operating, Role::approver, Role::admin}) {
      CAPTURE(route.name, name(role));
      Request made = request(route.method, path_of(route));
      const auto admitted = town.gatekeeper.admit(made, {.bearer = town.token(role)});
      const bool should = !route.least || role >= *route.least;
      CHECK(admitted.has_value() == should);
      if (!should) CHECK((admitted.error().status == 403 || admitted.error().status == 429));
    }
}

TEST_CASE("gatekeeper: strangers reach nothing but what is for anybody", "[unit][serve]") {
  for (const Route& route : routes()) {
    Town town;
    CAPTURE(route.name);
    for (const Proof& shown : {Proof{}, Proof{.bearer = "0123"}, Proof{.cookie = "0123", .own_page = true},
                               Proof{.certificate = "mallory"}}) {
      Request made = request(route.method, path_of(route));
      const auto admitted = town.gatekeeper.admit(made, shown);
      CHECK(admitted.has_value() == !route.least.has_value());
      if (!admitted) CHECK(admitted.error().status == 401);
    }
    CHECK(town.audit().size() == (route.least ? 4U : 0U));
  }
}

TEST_CASE("gatekeeper: a certificate's name is its user, and a cookie alone changes nothing", "[unit][serve]") {
  Town town;
  Request made = request("POST", "/api/v1/stop");
  CHECK(town.gatekeeper.admit(made, {.certificate = "operator"}).has_value());
  CHECK(made.who.name == "operator");
  CHECK(town.gatekeeper.admit(made, {.cookie = town.token(Role::admin), .own_page = true}).has_value());
  const auto forged = town.gatekeeper.admit(made, {.cookie = town.token(Role::admin)});
  REQUIRE_FALSE(forged.has_value());
  CHECK(forged.error().status == 403);
  Request look = request("GET", "/api/v1/me");
  CHECK(town.gatekeeper.admit(look, {.cookie = town.token(Role::admin)}).has_value());
}

TEST_CASE("gatekeeper: a refusal says why, and the audit log who and what", "[unit][serve]") {
  Town town;
  Request made = request("POST", "/api/v1/runs");
  const auto refused = town.gatekeeper.admit(made, {.bearer = town.token(Role::viewer)});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().body.find("viewer is viewer; this takes operator") != std::string::npos);
  const auto entries = town.audit();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].note.who == "viewer");
  CHECK(entries[0].note.action == "refused");
  CHECK(entries[0].note.subject == "POST /api/v1/runs");
  CHECK(entries[0].note.details.starts_with("403 "));
}

TEST_CASE("gatekeeper: without users it says how to add one", "[unit][serve]") {
  const auto database = std::move(*Database::open(":memory:"));
  Gatekeeper gatekeeper(*database);
  Request made = request("GET", "/api/v1/me");
  const auto refused = gatekeeper.admit(made, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().body.find("fracas serve user add") != std::string::npos);
}

TEST_CASE("gatekeeper: a removed user is refused at once", "[unit][serve]") {
  Town town;
  Request made = request("GET", "/api/v1/me");
  REQUIRE(town.gatekeeper.admit(made, {.bearer = town.token(Role::viewer)}).has_value());
  REQUIRE(remove_user(*town.database, "viewer"));
  CHECK_FALSE(town.gatekeeper.admit(made, {.bearer = town.token(Role::viewer)}).has_value());
  CHECK_FALSE(town.gatekeeper.admit(made, {.certificate = "viewer"}).has_value());
}

TEST_CASE("refusals: after twenty in a minute an address is limited, counted, and told in the next", "[unit][serve]") {
  Refusals refusals;
  constexpr std::int64_t kSecond = 1'000'000'000;
  for (std::uint64_t i = 0; i < Refusals::kLoggedMax; ++i) CHECK(refusals.count("a", 5 * kSecond).log);
  for (int i = 0; i < 7; ++i) {
    const auto decision = refusals.count("a", 6 * kSecond);
    CHECK_FALSE(decision.log);
    CHECK(decision.limited);
  }
  CHECK(refusals.count("b", 6 * kSecond).log);
  const auto later = refusals.count("a", 70 * kSecond);
  CHECK(later.log);
  CHECK(later.unlogged == 7);
}

TEST_CASE("events: a stream replays what was, numbered, and resumes behind a number", "[unit][serve]") {
  const Folder folder;
  const auto path = folder.path / "events.jsonl";
  auto log = *EventLog::open(path);
  log->append(R"({"type":"begin","at_ms":0,"plan":[{"name":"a"}]})");
  log->append(R"({"type":"fault","at_ms":1})");
  log->append(R"({"type":"ops","at_ms":2})");
  log->close();
  CHECK(all(event_stream({.path = path, .log = log})) ==
        "id: 1\nevent: begin\ndata: {\"type\":\"begin\",\"at_ms\":0,\"plan\":[{\"name\":\"a\"}]}\n\n"
        "id: 2\nevent: fault\ndata: {\"type\":\"fault\",\"at_ms\":1}\n\n"
        "id: 3\nevent: ops\ndata: {\"type\":\"ops\",\"at_ms\":2}\n\n");
  CHECK(all(event_stream({.path = path, .after = 2, .log = nullptr})) ==
        "id: 3\nevent: ops\ndata: {\"type\":\"ops\",\"at_ms\":2}\n\n");
  CHECK(all(event_stream({.path = path, .after = 3, .log = nullptr})).empty());
  CHECK(count_events(path) == 3);
}

TEST_CASE("events: while a blind run goes on, its plan and faults are hidden", "[unit][serve]") {
  const Folder folder;
  const auto path = folder.path / "events.jsonl";
  const auto log = *EventLog::open(path);
  log->append(R"({"type":"begin","at_ms":0,"plan":[{"name":"secret"}]})");
  log->append(R"({"type":"fault","name":"secret"})");
  log->append(R"({"type":"ops","at_ms":2})");
  const Pieces pieces = event_stream({.path = path, .hide_faults = true, .log = log});
  std::string text;
  REQUIRE(pieces(text));
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("id: 3\nevent: ops") != std::string::npos);
  log->close();
  CHECK(all(event_stream({.path = path, .hide_faults = true, .log = log})).find("secret") != std::string::npos);
}

TEST_CASE("events: a line that SIGKILL cut off is dropped before the next", "[unit][serve]") {
  const Folder folder;
  const auto path = folder.path / "events.jsonl";
  std::ofstream(path) << "{\"type\":\"ops\"}\n{\"type\":\"fau";
  const auto log = *EventLog::open(path);
  log->append(R"({"type":"verdict"})");
  log->close();
  CHECK(all(event_stream({.path = path, .log = log})) ==
        "id: 1\nevent: ops\ndata: {\"type\":\"ops\"}\n\nid: 2\nevent: verdict\ndata: {\"type\":\"verdict\"}\n\n");
}

TEST_CASE("files: only regular files below the folder are given out", "[unit][serve]") {
  const Folder folder;
  const auto root = folder.path / "run";
  std::filesystem::create_directories(root / "nodes/n1");
  std::ofstream(root / "nodes/n1/node.log") << "x";
  std::ofstream(folder.path / "secret") << "x";
  std::filesystem::create_symlink(folder.path / "secret", root / "link");
  std::filesystem::create_directory_symlink(folder.path, root / "out");
  CHECK(file_below(root, "nodes/n1/node.log").has_value());
  for (const char* name : {"", ".", "..", "../secret", "nodes/../../secret", "link", "out/secret", "/etc/passwd",
                           "nodes", "nodes/n1/", "missing", "nodes//n1/node.log/"})
    CHECK_FALSE(file_below(root, name).has_value());
  CHECK_FALSE(file_below(root, std::string("nodes/n1/node.log\0.html", 23)).has_value());
  CHECK(files_below(root, 10) == std::vector<std::string>{"nodes/n1/node.log"});
}

TEST_CASE("http: a message has all its fields in JSON, and a wrong body is refused", "[unit][serve]") {
  api::Frozen frozen;
  CHECK(json_response(200, frozen).body == "{\"frozen\":false,\"reason\":\"\",\"by\":\"\",\"since\":\"\"}\n");
  Request made = request("PUT", "/api/v1/freeze");
  made.body = R"({"frozen":true,"reason":"x"})";
  REQUIRE(parse_body<api::FreezeRequest>(made).has_value());
  CHECK(parse_body<api::FreezeRequest>(made)->frozen());
  for (const char* body : {"{", "[]", R"({"frozzen":true})", R"({"frozen":"perhaps"})", "\xff"}) {
    made.body = body;
    CHECK_FALSE(parse_body<api::FreezeRequest>(made).has_value());
  }
}
