#include "controller/target/rabbitmq_calls.h"

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::AmqpConnection;
using controller::Call;
using model::EventType;
using model::Function;
using Outcome = AmqpConnection::Outcome;
namespace rabbitmq = controller::rabbitmq;

const Call kEnqueue{.function = Function::enqueue, .key = "k0", .value = std::int64_t{7}};
const Call kDequeue{.function = Function::dequeue, .key = "k0", .value = {}};
const Call kDrain{.function = Function::drain, .key = "k0", .value = {}};

}  // namespace

TEST_CASE("rabbitmq: only a confirmed message was enqueued", "[unit][controller]") {
  CHECK(rabbitmq::answer_of(kEnqueue, {.outcome = Outcome::done}).type == EventType::ok);
  CHECK(rabbitmq::answer_of(kEnqueue, {.outcome = Outcome::returned}).type == EventType::fail);
  CHECK(rabbitmq::answer_of(kEnqueue, {.outcome = Outcome::refused}).type == EventType::fail);
  CHECK(rabbitmq::answer_of(kEnqueue, {.outcome = Outcome::unknown}).type == EventType::info);
}

TEST_CASE("rabbitmq: a dequeue gives one message or none, a drain all", "[unit][controller]") {
  CHECK(rabbitmq::answer_of(kDequeue, {.outcome = Outcome::done}).value == model::Value());
  CHECK(rabbitmq::answer_of(kDequeue, {.outcome = Outcome::done, .messages = {"7"}}).value ==
        model::Value(std::int64_t{7}));
  CHECK(rabbitmq::answer_of(kDrain, {.outcome = Outcome::done, .messages = {"7", "9"}}).value ==
        model::Value(std::vector<std::int64_t>{7, 9}));
  CHECK(rabbitmq::answer_of(kDrain, {.outcome = Outcome::done}).value == model::Value(std::vector<std::int64_t>{}));
}

TEST_CASE("rabbitmq: servers that run are counted", "[unit][controller]") {
  CHECK(rabbitmq::running_in(R"([{"name":"rabbit@a","running":true},{"name":"rabbit@b","running":false}])") == 1);
  CHECK(rabbitmq::running_in(R"({"error":"not_authorised"})") == 0);
}

TEST_CASE("rabbitmq: a queue's leader and copies stand where its type puts them", "[unit][controller]") {
  const auto quorum = rabbitmq::queue_state(
      R"({"type":"quorum","node":"rabbit@a","leader":"rabbit@b","online":["rabbit@a","rabbit@b"]})");
  CHECK(quorum.leader == "rabbit@b");
  CHECK(quorum.copies == 2);
  const auto mirrored =
      rabbitmq::queue_state(R"({"type":"classic","node":"rabbit@a","synchronised_slave_nodes":["rabbit@c"]})");
  CHECK(mirrored.leader == "rabbit@a");
  CHECK(mirrored.copies == 2);
  CHECK(rabbitmq::queue_state("<html>").copies == 0);
}
