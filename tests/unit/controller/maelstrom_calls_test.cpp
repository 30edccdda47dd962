#include "controller/target/maelstrom_calls.h"

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Call;
using controller::maelstrom::answer_of;
using controller::maelstrom::body_of;
using controller::maelstrom::Protocol;
using model::EventType;
using model::Function;
using model::Json;

const Call kRead{.function = Function::read, .key = "k7", .value = {}};
const Call kAdd{.function = Function::add, .key = "k7", .value = std::int64_t{3}};
const Call kCas{.function = Function::cas, .key = "k7", .value = std::pair<std::int64_t, std::int64_t>(1, 2)};
const Call kTxn{.function = Function::txn, .key = {}, .value = Json{R"([["r",1,null],["append",1,5]])"}};
const Call kPoll{.function = Function::poll, .key = "k7", .value = std::int64_t{4}};

}  // namespace

TEST_CASE("maelstrom: requests have the bodies of the protocol", "[unit][controller]") {
  struct Case {
    Protocol protocol;
    Call call;
    const char* body;
  };
  const Case each =
      GENERATE(Case{Protocol::echo,
                    {.function = Function::echo, .key = {}, .value = std::int64_t{9}},
                    R"({"echo":9,"msg_id":1,"type":"echo"})"},
               Case{Protocol::unique_ids,
                    {.function = Function::generate, .key = {}, .value = {}},
                    R"({"msg_id":1,"type":"generate"})"},
               Case{Protocol::broadcast, kAdd, R"({"message":70000003,"msg_id":1,"type":"broadcast"})"},
               Case{Protocol::g_set, kAdd, R"({"element":70000003,"msg_id":1,"type":"add"})"},
               Case{Protocol::counter, kAdd, R"({"delta":3,"msg_id":1,"type":"add"})"},
               Case{Protocol::lin_kv, kRead, R"({"key":7,"msg_id":1,"type":"read"})"},
               Case{Protocol::lin_kv, kCas, R"({"from":1,"key":7,"msg_id":1,"to":2,"type":"cas"})"},
               Case{Protocol::txn, kTxn, R"({"msg_id":1,"txn":[["r",1,null],["append",1,5]],"type":"txn"})"},
               Case{Protocol::kafka,
                    {.function = Function::append, .key = "k7", .value = std::int64_t{3}},
                    R"({"key":"k7","msg":3,"msg_id":1,"type":"send"})"},
               Case{Protocol::kafka, kPoll, R"({"msg_id":1,"offsets":{"k7":4},"type":"poll"})"});
  CHECK(body_of(each.protocol, each.call, 1) == each.body);
}

TEST_CASE("maelstrom: answers become what the history shows", "[unit][controller]") {
  CHECK(answer_of(Protocol::unique_ids, {.function = Function::generate, .key = {}, .value = {}},
                  R"({"type":"generate_ok","id":"n1-3"})")
            .value == model::Value(Json{"\"n1-3\""}));
  CHECK(answer_of(Protocol::broadcast, kRead, R"({"type":"read_ok","messages":[70000003,80000004]})").value ==
        model::Value(std::vector<std::int64_t>{3}));
  CHECK(answer_of(Protocol::counter, kRead, R"({"type":"read_ok","value":-4})").value ==
        model::Value(std::int64_t{-4}));
  CHECK(answer_of(Protocol::txn, kTxn, R"({"type":"txn_ok","txn":[["r",1,[4]],["append",1,5]]})").value ==
        model::Value(Json{R"([["r",1,[4]],["append",1,5]])"}));
  CHECK(answer_of(Protocol::kafka, kPoll, R"({"type":"poll_ok","msgs":{"k7":[[4,30],[5,31]]}})").value ==
        model::Value(Json{"[[4,30],[5,31]]"}));
  CHECK(answer_of(Protocol::kafka, kPoll, R"({"type":"poll_ok","msgs":{}})").value ==
        model::Value(std::vector<std::int64_t>{}));
}

TEST_CASE("maelstrom: errors that are definite are fails, and a key that does not exist is nothing",
          "[unit][controller]") {
  const auto mismatch = answer_of(Protocol::lin_kv, kCas, R"({"type":"error","code":22,"text":"it is 4"})");
  CHECK(mismatch.type == EventType::fail);
  CHECK(mismatch.error == "error 22: it is 4");
  CHECK(answer_of(Protocol::lin_kv, kCas, R"({"type":"error","code":0,"text":"timeout"})").type == EventType::info);
  CHECK(answer_of(Protocol::lin_kv, kCas, R"({"type":"error","code":13,"text":"crash"})").type == EventType::info);
  const auto nothing = answer_of(Protocol::lin_kv, kRead, R"({"type":"error","code":20,"text":"no such key"})");
  CHECK(nothing.type == EventType::ok);
  CHECK(nothing.value == model::Value());
}

TEST_CASE("maelstrom: an answer that is none of the protocol's is an info", "[unit][controller]") {
  for (const char* body : {R"({"type":"read_ok"})", R"({"type":"write_ok"})", "{}", "7", "nonsense"}) {
    const auto answer = answer_of(Protocol::lin_kv, kRead, body);
    CHECK(answer.type == EventType::info);
    CHECK(answer.error == "the answer is no read_ok: " + std::string(body));
  }
}
