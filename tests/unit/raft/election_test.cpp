#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::size_t other_than(std::size_t member) {
  return member == 0 ? 1 : 0;
}

}  // namespace

TEST_CASE("election: five members agree on one leader within a second", "[unit][raft]") {
  Cluster cluster({.seed = 3});
  REQUIRE(cluster.elect(seconds(1)));
  CHECK(cluster.violations().empty());
}

TEST_CASE("election: a single member leads itself", "[unit][raft]") {
  Cluster cluster({.members = 1});
  REQUIRE(cluster.elect(seconds(1)));
  const auto written = cluster.wait(cluster.write(0, {1, 1, "k", Put{5}}));
  REQUIRE(written);
  CHECK(written->status == ReplyStatus::ok);
  CHECK(cluster.wait(cluster.read(0, "k"))->value == Value{std::int64_t{5}});
}

TEST_CASE("election: a minority elects nobody and keeps its term", "[unit][raft]") {
  Cluster cluster({.seed = 4});
  const std::size_t leader = *cluster.elect();
  const std::size_t lonely = other_than(leader);
  const Term before = cluster.raft(lonely).status().term;
  cluster.isolate(lonely, true);
  cluster.run(seconds(3));
  CHECK(cluster.raft(lonely).status().term == before);
  // Back again it disturbs nobody: that is what the pre-vote is for.
  cluster.isolate(lonely, false);
  cluster.run(seconds(1));
  CHECK(cluster.leader() == leader);
  CHECK(cluster.raft(leader).status().term == before);
}

TEST_CASE("election: a leader without a majority steps down and another follows", "[unit][raft]") {
  Cluster cluster({.seed = 5});
  const std::size_t old = *cluster.elect();
  cluster.isolate(old, true);
  cluster.run(seconds(1));
  CHECK(cluster.raft(old).status().role != Role::leader);
  REQUIRE(cluster.leader());
  CHECK(*cluster.leader() != old);
  CHECK(cluster.violations().empty());
}

TEST_CASE("election: a leader that sends but hears nothing gives way", "[unit][raft]") {
  Cluster cluster({.seed = 6});
  const std::size_t old = *cluster.elect();
  for (std::size_t i = 0; i < 5; ++i)
    if (i != old) cluster.cut(i, old, true);
  cluster.run(seconds(2));
  REQUIRE(cluster.leader());
  CHECK(*cluster.leader() != old);
}

TEST_CASE("election: a member that sends but hears nothing unseats nobody", "[unit][raft]") {
  Cluster cluster({.seed = 7});
  const std::size_t leader = *cluster.elect();
  const Term term = cluster.raft(leader).status().term;
  const std::size_t deaf = other_than(leader);
  for (std::size_t i = 0; i < 5; ++i)
    if (i != deaf) cluster.cut(i, deaf, true);
  cluster.run(seconds(3));
  CHECK(cluster.leader() == leader);
  CHECK(cluster.raft(leader).status().term == term);
}

TEST_CASE("election: a ring of majorities keeps a leader", "[unit][raft]") {
  Cluster cluster({.seed = 8});
  cluster.elect();
  for (std::size_t i = 0; i < 5; ++i) {
    cluster.cut(i, (i + 2) % 5, true);
    cluster.cut(i, (i + 3) % 5, true);
  }
  cluster.run(seconds(2));
  const auto leader = cluster.leader();
  REQUIRE(leader);
  CHECK(cluster.wait(cluster.write(*leader, {1, 1, "k", Put{1}}), seconds(1))->status == ReplyStatus::ok);
  cluster.mend();
  CHECK(cluster.elect(seconds(2)));
  CHECK(cluster.violations().empty());
}

TEST_CASE("election: a healed cluster serves again within a second", "[unit][raft]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster({.seed = seed});
    const std::size_t leader = *cluster.elect();
    cluster.isolate(leader, true);
    cluster.isolate((leader + 1) % 5, true);
    cluster.isolate((leader + 2) % 5, true);
    cluster.run(seconds(2));
    cluster.mend();
    INFO("seed " << seed);
    CHECK(cluster.elect(seconds(1)));
  }
}

TEST_CASE("vote: it is on the disk before it is sent", "[unit][raft]") {
  Options options{.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}};
  auto raft = *Raft::make(options, {});
  raft.step(Tick{milliseconds(0)});
  const Output asked = raft.step(Received{NodeId("n2"), VoteRequest{Term(1), false, 0, Term(0)}});
  REQUIRE(asked.persist.size() == 1);
  CHECK(std::get<HardState>(asked.persist[0]) == HardState{Term(1), NodeId("n2")});
  CHECK(asked.effects.empty());
  const Output safe = raft.step(Persisted{asked.sequence});
  REQUIRE(safe.effects.size() == 3);
  CHECK(std::get<Event>(safe.effects[0]).type == Event::Type::role);
  CHECK(std::get<Event>(safe.effects[1]).type == Event::Type::vote);
  CHECK(std::get<VoteResponse>(std::get<Send>(safe.effects[2]).message).granted);
}

TEST_CASE("vote: one a term, also after a restart", "[unit][raft]") {
  Options options{.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}};
  auto raft = *Raft::make(options, {.hard = {Term(4), NodeId("n2")}});
  raft.step(Tick{milliseconds(0)});
  const Output other = raft.step(Received{NodeId("n3"), VoteRequest{Term(4), false, 9, Term(3)}});
  CHECK_FALSE(std::get<VoteResponse>(std::get<Send>(other.effects.at(0)).message).granted);
  const Output again = raft.step(Received{NodeId("n2"), VoteRequest{Term(4), false, 9, Term(3)}});
  CHECK(std::get<VoteResponse>(std::get<Send>(again.effects.at(0)).message).granted);
}

TEST_CASE("vote: none for a log that lacks entries", "[unit][raft]") {
  Options options{.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}};
  struct Row {
    Index last_index;
    Term last_term;
    bool granted;
  };
  for (const Row& row :
       {Row{2, Term(2), true}, Row{1, Term(2), false}, Row{9, Term(1), false}, Row{1, Term(3), true}}) {
    auto raft = *Raft::make(options, {.hard = {Term(3), {}}, .entries = {{1, Term(1), "x"}, {2, Term(2), "y"}}});
    raft.step(Tick{milliseconds(0)});
    const Output asked = raft.step(Received{NodeId("n2"), VoteRequest{Term(4), false, row.last_index, row.last_term}});
    const Output safe = raft.step(Persisted{asked.sequence});
    CHECK(std::get<VoteResponse>(std::get<Send>(safe.effects.back()).message).granted == row.granted);
  }
}

TEST_CASE("vote: strangers are not heard", "[unit][raft]") {
  auto raft = *Raft::make({.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}}, {});
  raft.step(Tick{milliseconds(0)});
  const Output output = raft.step(Received{NodeId("n9"), VoteRequest{Term(7), false, 0, Term(0)}});
  CHECK(output.effects.empty());
  CHECK(raft.status().term == Term(0));
}

}  // namespace fracas::raft::test
