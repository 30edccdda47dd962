#include "controller/serve/repeats.h"

#include <memory>
#include <string>
#include <vector>

#include "controller/serve/routes.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/kept_answers.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

Request request_of(const std::string& method, const std::string& path, const std::string& key) {
  Request request;
  request.method = method;
  request.path = path;
  request.address = "192.0.2.7";
  request.repeat_key = key;
  request.who.name = "olga";
  return request;
}

// A store, and an endpoint that counts how often it did something.
struct Desk {
  Desk() : database(std::move(*Database::open(":memory:"))), gatekeeper(*database), repeats(*database, gatekeeper) {}

  Response send(const std::string& who, const std::string& key, const std::string& body) {
    Request request = request_of("POST", "/api/v1/runs", key);
    request.body = body;
    request.who.name = who;
    return repeats.answer(request, [this](const Request&) {
      ++done;
      return Response{.status = status, .body = "answer " + std::to_string(done)};
    });
  }
  std::string last_entry() const {
    const auto entries = list_audit(*database, 0, 1000);
    return entries->empty() ? "" : entries->back().note.action + ": " + entries->back().note.details;
  }

  std::unique_ptr<Database> database;
  Gatekeeper gatekeeper;
  Repeats repeats;
  int done = 0;
  int status = 201;
};

}  // namespace

TEST_CASE("repeats: a request with a key is done once and answered as often as it comes", "[unit][serve]") {
  Desk desk;
  for (int i = 0; i < 3; ++i) {
    const Response response = desk.send("olga", "k1", "{}");
    CHECK(response.status == 201);
    CHECK(response.body == "answer 1");
    CHECK(response.headers.empty() == (i == 0));
  }
  CHECK(desk.done == 1);
  CHECK(desk.last_entry() == "repeated: answered as before: 201, key k1");
  CHECK(desk.send("olga", "k2", "{}").body == "answer 2");
  CHECK(desk.send("ann", "k1", "{}").body == "answer 3");  // a key is its user's own
  CHECK(desk.send("olga", "", "{}").body == "answer 4");
  CHECK(desk.send("olga", "", "{}").body == "answer 5");
}

TEST_CASE("repeats: another request with a key is refused and logged", "[unit][serve]") {
  Desk desk;
  CHECK(desk.send("olga", "k", R"({"file": "a"})").status == 201);
  CHECK(desk.send("olga", "k", R"({"file": "b"})").status == 422);
  CHECK(desk.done == 1);
  CHECK(desk.last_entry() == "refused: 422 this Idempotency-Key came with another request: take a new one");
}

TEST_CASE("repeats: what was refused may be sent again, what failed inside may not", "[unit][serve]") {
  for (const int refused : {400, 404, 409, 423, 503}) {
    Desk desk;
    desk.status = refused;
    CHECK(desk.send("olga", "k", "{}").status == refused);
    desk.status = 201;
    CHECK(desk.send("olga", "k", "{}").body == "answer 2");
  }
  Desk desk;
  desk.status = 500;
  CHECK(desk.send("olga", "k", "{}").status == 500);
  desk.status = 201;
  CHECK(desk.send("olga", "k", "{}").status == 500);
  CHECK(desk.done == 1);
}

TEST_CASE("repeats: one that comes while the first is at work, or after it was cut short, is refused and logged",
          "[unit][serve]") {
  Desk desk;
  Response meanwhile;
  const Request request = request_of("POST", "/api/v1/stop", "k");
  const Handler never = [](const Request&) { return Response{.status = 418}; };
  const Response first = desk.repeats.answer(request, [&](const Request& same) {
    meanwhile = desk.repeats.answer(same, never);
    return Response{.body = "done"};
  });
  CHECK(first.body == "done");
  CHECK(meanwhile.status == 409);
  CHECK(desk.last_entry().starts_with("refused: 409 the request with this Idempotency-Key is at work"));
  CHECK(desk.repeats.answer(request, never).body == "done");
}

TEST_CASE("repeats: a key has 1 to 200 visible ASCII characters", "[unit][serve]") {
  Desk desk;
  CHECK(desk.send("olga", std::string(200, '~'), "{}").status == 201);
  for (const std::string& bad :
       {std::string(201, 'x'), std::string("a b"), std::string("k\t"), std::string("\xc3\xa4")})
    CHECK(desk.send("olga", bad, "{}").status == 400);
  CHECK(desk.done == 1);
}

TEST_CASE("repeats: keys are forgotten after a day, and the oldest beyond ten thousand", "[unit][serve]") {
  Desk desk;
  desk.send("olga", "old", "{}");
  REQUIRE(desk.database->run("UPDATE answers SET at_s = at_s - 86401"));
  CHECK(desk.send("olga", "old", "{}").body == "answer 2");
  desk.send("olga", "newest", "{}");
  REQUIRE(
      desk.database->run("UPDATE answers SET number = number + ?1 WHERE request_key = 'newest'", {kKeptAnswersMax}));
  CHECK(desk.send("olga", "newest", "{}").body == "answer 3");
  CHECK(desk.send("olga", "old", "{}").body == "answer 4");
}

TEST_CASE("repeats: every endpoint that changes something for a known user is done once for a key", "[unit][serve]") {
  Desk desk;
  int calls = 0;
  Handlers counting;
  for (const Route& route : routes())
    counting[route.name] = [&calls](const Request&) {
      ++calls;
      return Response{};
    };
  const Handlers handlers = done_once(desk.repeats, counting);
  for (const Route& route : routes()) {
    CAPTURE(route.name);
    const Request request = request_of(route.method, "/" + route.name, "k-" + route.name);
    calls = 0;
    for (int i = 0; i < 2; ++i) handlers.at(route.name)(request);
    CHECK(calls == (route.method == "GET" || route.name == "Login" ? 2 : 1));
  }
}
