#include "controller/workload/raft_calls.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

Call txn(const char* text) {
  return {.function = model::Function::txn, .key = {}, .value = model::Json{text}};
}

raft::CallResult ok(std::vector<raft::Value> readings) {
  return {.outcome = raft::Outcome::ok, .readings = std::move(readings), .node = "n1"};
}

}  // namespace

TEST_CASE("raft calls: a transaction is one batch, and its reads are filled in", "[unit][controller]") {
  const Call call = txn(R"([["r",1,null],["append",2,5],["w",3,6]])");
  const auto operation = raft_operation({}, call);
  REQUIRE(operation);
  const auto& batch = std::get<raft::Batch>(*operation);
  REQUIRE(batch.steps.size() == 3);
  CHECK(batch.steps[0] == raft::Step{raft::Step::Kind::read, "1", 0});
  CHECK(batch.steps[1] == raft::Step{raft::Step::Kind::append, "2", 5});
  CHECK(batch.steps[2] == raft::Step{raft::Step::Kind::put, "3", 6});
  const Answer answer = answer_of({}, call, ok({std::vector<std::int64_t>{7, 8}}), true);
  CHECK(answer.type == model::EventType::ok);
  CHECK(std::get<model::Json>(answer.value).text == R"([["r",1,[7,8]],["append",2,5],["w",3,6]])");
}

TEST_CASE("raft calls: a transfer writes only where its accounts hold what it saw, and enough", "[unit][controller]") {
  const RaftCalls bank{.accounts = 3, .balance = 100};
  const Call call{
      .function = model::Function::transfer, .key = {}, .value = model::Json{R"({"from":0,"to":2,"amount":4})"}};
  CHECK(std::get<raft::Batch>(*raft_operation(bank, call)).steps.size() == 2);
  const auto second = raft_second_operation(bank, call, ok({std::int64_t{10}, {}}));
  REQUIRE(second);
  const auto& batch = std::get<raft::Batch>(*second);
  CHECK(batch.requirements == std::vector<raft::Requirement>{{"account/0", std::int64_t{10}}, {"account/2", {}}});
  CHECK(batch.steps[0].value == 6);
  CHECK(batch.steps[1].value == 104);
  const raft::CallResult poor = ok({std::int64_t{3}, {}});
  CHECK_FALSE(raft_second_operation(bank, call, poor));
  CHECK(answer_of(bank, call, poor, true).type == model::EventType::fail);
  CHECK(answer_of(bank, call, ok({}), false).type == model::EventType::ok);
  const Call look{.function = model::Function::read, .key = {}, .value = {}};
  const Answer balances = answer_of(bank, look, ok({std::int64_t{6}, {}, std::int64_t{104}}), true);
  CHECK(std::get<model::Json>(balances.value).text == R"({"0":6,"1":100,"2":104})");
}

TEST_CASE("raft calls: a write of nothing deletes", "[unit][controller]") {
  const Call call{.function = model::Function::write, .key = "k", .value = {}};
  CHECK(std::holds_alternative<raft::Delete>(*raft_operation({}, call)));
}
