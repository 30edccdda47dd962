#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Value number(std::int64_t value) {
  return Value{value};
}

}  // namespace

TEST_CASE("read: it sees every write answered before", "[unit][raft]") {
  Cluster cluster({.seed = 1});
  const std::size_t leader = *cluster.elect();
  for (std::int64_t i = 1; i <= 20; ++i) {
    cluster.wait(cluster.write(leader, {7, std::uint64_t(i), "k", Put{i}}));
    CHECK(cluster.wait(cluster.read(leader, "k"))->value == number(i));
  }
}

TEST_CASE("read: a leader cut off from its majority answers no value", "[unit][raft]") {
  Cluster cluster({.seed = 2});
  const std::size_t old = *cluster.elect();
  cluster.wait(cluster.write(old, {7, 1, "k", Put{1}}));
  cluster.isolate(old, true);
  const RequestId stale = cluster.read(old, "k");
  cluster.run(seconds(2));
  REQUIRE(cluster.answer(stale));
  CHECK(cluster.answer(stale)->status == ReplyStatus::not_leader);
}

TEST_CASE("read: a leader that was frozen and thawed answers no stale value", "[unit][raft]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster({.seed = seed});
    const std::size_t old = *cluster.elect();
    cluster.wait(cluster.write(old, {7, 1, "k", Put{1}}));
    cluster.freeze(old, true);
    const RequestId during = cluster.read(old, "k");
    cluster.run(seconds(1));
    const auto fresh = cluster.leader();
    REQUIRE(fresh);
    std::size_t now = *fresh == old ? (old + 1) % 5 : *fresh;
    for (std::size_t i = 0; i < 5; ++i)
      if (i != old && cluster.raft(i).status().role == Role::leader) now = i;
    REQUIRE(cluster.wait(cluster.write(now, {8, 1, "k", Put{2}}))->status == ReplyStatus::ok);
    cluster.freeze(old, false);
    const RequestId after = cluster.read(old, "k");
    cluster.run(seconds(2));
    INFO("seed " << seed);
    for (const RequestId request : {during, after}) {
      REQUIRE(cluster.answer(request));
      CHECK((cluster.answer(request)->status != ReplyStatus::ok || cluster.answer(request)->value == number(2)));
    }
  }
}

TEST_CASE("read: answers to an older round confirm nothing", "[unit][raft]") {
  auto raft = *Raft::make({.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}}, {});
  raft.step(Tick{milliseconds(0)});
  raft.step(Tick{milliseconds(400)});
  Output output = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), true, true}});
  raft.step(Persisted{output.sequence});
  output = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), false, true}});
  raft.step(Persisted{output.sequence});
  raft.step(Received{NodeId("n2"), AppendResponse{.term = Term(1), .success = true, .index = 1, .round = 1}});
  REQUIRE(raft.status().applied == 1);

  const auto answered = [](const Output& from) {
    for (const Effect& effect : from.effects)
      if (std::holds_alternative<Answer>(effect)) return true;
    return false;
  };
  CHECK_FALSE(answered(raft.step(ReadRequested{5, "k"})));
  CHECK_FALSE(answered(
      raft.step(Received{NodeId("n3"), AppendResponse{.term = Term(1), .success = true, .index = 1, .round = 1}})));
  CHECK(answered(
      raft.step(Received{NodeId("n3"), AppendResponse{.term = Term(1), .success = true, .index = 1, .round = 2}})));
}

TEST_CASE("bug stale-read: a cut-off leader goes on answering old values", "[unit][raft]") {
  Cluster cluster({.seed = 2, .bugs = {.stale_read = true}});
  const std::size_t old = *cluster.elect();
  cluster.wait(cluster.write(old, {7, 1, "k", Put{1}}));
  cluster.isolate(old, true);
  cluster.run(seconds(1));
  CHECK(cluster.raft(old).status().role == Role::leader);
  const std::size_t fresh = *cluster.leader();
  REQUIRE(fresh != old);
  REQUIRE(cluster.wait(cluster.write(fresh, {8, 1, "k", Put{2}}))->status == ReplyStatus::ok);
  CHECK(cluster.wait(cluster.read(old, "k"))->value == number(1));
  CHECK(cluster.violations().empty());
}

}  // namespace fracas::raft::test
