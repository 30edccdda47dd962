// What calls are to etcd and Redis, and what their answers mean.
#include "controller/target/etcd_calls.h"
#include "controller/target/redis_calls.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Call;
using controller::RedisReply;
using controller::Shape;
using model::EventType;
using model::Function;
namespace etcd = controller::etcd;
namespace redis = controller::redis;

const Call kRead{.function = Function::read, .key = "k7", .value = {}};
const Call kCas{.function = Function::cas, .key = "k7", .value = std::pair<std::int64_t, std::int64_t>(1, 2)};

RedisReply error(const std::string& text) {
  return {.kind = RedisReply::Kind::error, .text = text, .list = {}};
}

}  // namespace

TEST_CASE("etcd: keys and values are base64, and reads say who may answer", "[unit][controller]") {
  const auto write =
      etcd::request_of({.function = Function::write, .key = "k7", .value = std::int64_t{12}}, Shape::single, false);
  REQUIRE(write.has_value());
  CHECK(write->path == "/v3/kv/put");
  CHECK(write->body == R"({"key":"azc=","value":"MTI="})");
  CHECK(etcd::request_of(kRead, Shape::single, true)->body == R"({"key":"azc=","serializable":true})");
  // "k7/" up to, and without, "k70"
  CHECK(etcd::request_of(kRead, Shape::set, false)->body ==
        R"({"key":"azcv","range_end":"azcw","serializable":false})");
  CHECK(!etcd::request_of({.function = Function::append, .key = "k7", .value = std::int64_t{1}}, Shape::list, false));
}

TEST_CASE("etcd: a range is a number, a list or the elements of a set", "[unit][controller]") {
  const std::string one = R"({"header":{},"kvs":[{"key":"azc=","value":"MTI=","mod_revision":"5"}],"count":"1"})";
  CHECK(etcd::answer_of(kRead, Shape::single, one).value == model::Value(std::int64_t{12}));
  CHECK(etcd::answer_of(kRead, Shape::set, one).value == model::Value(std::vector<std::int64_t>{12}));
  CHECK(etcd::answer_of(kRead, Shape::single, R"({"header":{}})").value == model::Value());
  CHECK(etcd::answer_of(kRead, Shape::single, "<html>").type == EventType::info);
  const std::string list = R"({"header":{},"kvs":[{"key":"azc=","value":"MyAxIDI=","mod_revision":"5"}]})";
  const auto read = etcd::list_of(list);
  REQUIRE(read.has_value());
  CHECK(read->list == std::vector<std::int64_t>{3, 1, 2});
  CHECK(read->revision == "5");
  CHECK(etcd::list_of(R"({"header":{}})")->revision == "0");
}

TEST_CASE("etcd: a compare that did not hold is a fail", "[unit][controller]") {
  CHECK(etcd::answer_of(kCas, Shape::single, R"({"header":{},"succeeded":true})").type == EventType::ok);
  CHECK(etcd::answer_of(kCas, Shape::single, R"({"header":{}})").type == EventType::fail);
}

TEST_CASE("etcd: only what was refused before it was proposed is certain not to happen", "[unit][controller]") {
  CHECK(etcd::is_definite(503, R"({"error":"etcdserver: no leader","code":14})"));
  CHECK(etcd::is_definite(429, R"({"error":"etcdserver: too many requests","code":8})"));
  CHECK(!etcd::is_definite(503, R"({"error":"etcdserver: request timed out","code":14})"));
  CHECK(!etcd::is_definite(503, R"({"error":"etcdserver: leader changed","code":14})"));
  CHECK(!etcd::is_definite(500, "?"));
}

TEST_CASE("redis: each shape has its commands", "[unit][controller]") {
  using Words = std::vector<std::string>;
  const Call add{.function = Function::add, .key = "k7", .value = std::int64_t{3}};
  CHECK(redis::command_of(add, Shape::set) == Words{"SADD", "k7", "3"});
  CHECK(redis::command_of(add, Shape::counter) == Words{"INCRBY", "k7", "3"});
  CHECK(redis::command_of(kRead, Shape::set) == Words{"SMEMBERS", "k7"});
  CHECK(redis::command_of(kRead, Shape::list) == Words{"LRANGE", "k7", "0", "-1"});
  CHECK(redis::command_of(kRead, Shape::single) == Words{"GET", "k7"});
}

TEST_CASE("redis: an error is a fail, and some send a client elsewhere", "[unit][controller]") {
  const auto refused = redis::answer_of(kCas, Shape::single, error("NOREPLICAS Not enough good replicas to write."));
  CHECK(refused.type == EventType::fail);
  CHECK(redis::should_ask_another(error("READONLY You can't write against a read only replica.")));
  CHECK(!redis::should_ask_another(error("WRONGTYPE Operation against a key")));
  const auto elsewhere = redis::moved_to(error("MOVED 3999 10.77.0.12:7000"));
  REQUIRE(elsewhere.has_value());
  CHECK(*elsewhere == controller::RedisConnection::Address{"10.77.0.12", 7000});
  CHECK(!redis::moved_to(error("CLUSTERDOWN The cluster is down")));
}

TEST_CASE("redis: a Sentinel promotes replicas that answer and follow their master", "[unit][controller]") {
  const auto entry = [](const std::vector<std::string>& words) {
    controller::RedisReply reply{.kind = controller::RedisReply::Kind::list, .text = {}, .list = {}};
    for (const std::string& word : words)
      reply.list.push_back({.kind = controller::RedisReply::Kind::text, .text = word, .list = {}});
    return reply;
  };
  CHECK(redis::linked_replica(entry({"name", "10.77.0.12:6379", "flags", "slave", "master-link-status", "ok"})));
  CHECK(!redis::linked_replica(entry({"flags", "s_down,slave", "master-link-status", "ok"})));
  CHECK(!redis::linked_replica(entry({"flags", "slave", "master-link-status", "err"})));
  CHECK(!redis::linked_replica(entry({"flags", "slave"})));
  CHECK(!redis::linked_replica({}));
}

TEST_CASE("redis: a key that does not exist is nothing, and a counter's is zero", "[unit][controller]") {
  CHECK(redis::answer_of(kRead, Shape::single, {}).value == model::Value());
  CHECK(redis::answer_of(kRead, Shape::counter, {}).value == model::Value(std::int64_t{0}));
}
