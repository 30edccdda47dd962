#include "controller/target/adapter.h"

#include "controller/target/user_command.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Adapter;
using model::EventType;

constexpr Duration kPatience = std::chrono::seconds(20);
constexpr Duration kShort = std::chrono::milliseconds(30);

// An adapter written for the shell, which has read a line into $line before `script`.
controller::AdapterOptions adapter(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", "read -r line; " + script}, .nodes = {{"n1", "10.0.0.1"}}, .errors = "/dev/null"};
}
constexpr const char* kOpens = R"(echo '{"id":1,"type":"ok"}'; read -r line; )";

controller::Answer invoke_after_open(const std::string& script, Duration timeout = kPatience) {
  auto opened = Adapter::open(adapter(kOpens + script), "n1", kPatience);
  REQUIRE(opened.has_value());
  return opened->invoke({.function = model::Function::read, .key = "k1", .value = {}}, timeout);
}

}  // namespace

TEST_CASE("adapter: what it answers stands in the history", "[unit][controller]") {
  const auto ok = invoke_after_open(R"(echo '{"id":2,"type":"ok","value":[1,2],"node":"n3"}')");
  CHECK(ok.type == EventType::ok);
  CHECK(ok.value == model::Value(std::vector<std::int64_t>{1, 2}));
  CHECK(ok.node == "n3");
  const auto fail = invoke_after_open(R"(echo '{"id":2,"type":"fail","error":"refused"}')");
  CHECK(fail.type == EventType::fail);
  CHECK(fail.error == "refused");
}

TEST_CASE("adapter: it is asked one line of JSON at a time", "[unit][controller]") {
  const auto echoed = invoke_after_open(R"(echo "{\"id\":2,\"type\":\"ok\",\"value\":$line}")");
  REQUIRE(std::holds_alternative<model::Json>(echoed.value));
  CHECK(std::get<model::Json>(echoed.value).text ==
        R"({"f":"read","id":2,"key":"k1","op":"invoke","timeout_ms":20000,"value":null})");
}

TEST_CASE("adapter: one that misbehaves makes an info that says how", "[unit][controller]") {
  struct Case {
    const char* script;
    const char* error;
  };
  const Case bad =
      GENERATE(Case{"exit 3", "the adapter: it ended with exit code 3"},
               Case{"kill -9 $$", "the adapter: it was killed by signal 9"},
               Case{"echo hello", "the adapter: wrote \"hello\", which is no JSON object"},
               Case{R"(echo '{"id":7,"type":"ok"}')",
                    R"(the adapter: wrote "{\"id\":7,\"type\":\"ok\"}", which is no answer with "id": 2)"},
               Case{R"(echo '{"id":2,"type":"yes"}')",
                    R"(the adapter: wrote "{\"id\":2,\"type\":\"yes\"}", which is no "type" of ok, fail or info)"},
               Case{R"(printf '\377\n')", "the adapter: wrote \"\\ufffd\", which is no JSON object"});
  const auto answer = invoke_after_open(bad.script);
  CHECK(answer.type == EventType::info);
  CHECK(answer.error == bad.error);
}

TEST_CASE("adapter: one that hangs is given up in time", "[unit][controller]") {
  const auto answer = invoke_after_open("read -r never", kShort);
  CHECK(answer.type == EventType::info);
  CHECK(answer.error == "the adapter: no answer in time");
}

TEST_CASE("adapter: one that cannot open a node says why in one line", "[unit][controller]") {
  const auto refused = Adapter::open(adapter(R"(echo '{"id":1,"type":"fail","error":"no route"}')"), "n1", kPatience);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().message == "adapter /bin/sh cannot open n1: no route");
  const auto ended = Adapter::open(adapter("exit 2"), "n1", kPatience);
  REQUIRE(!ended.has_value());
  CHECK(ended.error().message == "adapter /bin/sh was to open n1: it ended with exit code 2");
  CHECK(!Adapter::open({.argv = {"/no/such/program"}, .nodes = {}, .errors = {}}, "n1", kPatience).has_value());
}

TEST_CASE("exec: placeholders are filled in, and paths begin where fracas was started", "[unit][controller]") {
  const controller::Placeholders host{
      .name = "n1", .data = "/data", .nodes = {{"n1", "10.0.0.1"}, {"n2", "10.0.0.2"}}, .folder = "/home/me"};
  const auto words =
      controller::fill_in({"./store", "../x", "--me={name}@{address}", "{data}/log", "{peers}", "{nodes}"}, host);
  REQUIRE(words.has_value());
  CHECK(*words == std::vector<std::string>{"/home/me/store", "/home/x", "--me=n1@10.0.0.1", "/data/log", "n2=10.0.0.2",
                                           "n1=10.0.0.1,n2=10.0.0.2"});
  const auto wrong = controller::fill_in({"{port}"}, host);
  REQUIRE(!wrong.has_value());
  CHECK(wrong.error().message ==
        "\"{port}\" has a placeholder that is none of {address} {data} {name} {nodes} {peers}");
}
