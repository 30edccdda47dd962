#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <typename Kind>
std::vector<Kind> sent(const Output& output) {
  std::vector<Kind> found;
  for (const Effect& effect : output.effects)
    if (const auto* send = std::get_if<Send>(&effect))
      if (const auto* message = std::get_if<Kind>(&send->message)) found.push_back(*message);
  return found;
}

// A follower with entries of the given terms, all on its disk.
Raft follower_with(const std::vector<std::uint64_t>& terms) {
  Recovered recovered;
  for (const std::uint64_t term : terms) recovered.entries.push_back({recovered.entries.size() + 1, Term(term), "old"});
  recovered.hard.term = Term(terms.empty() ? 0 : terms.back());
  auto raft = *Raft::make({.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}}, std::move(recovered));
  raft.step(Tick{milliseconds(0)});
  return raft;
}

// Makes the member leader of the next term, with everything on its disk.
void crown(Raft& raft) {
  Output output = raft.step(Tick{seconds(10)});
  const Term next(raft.status().term.value() + 1);
  output = raft.step(Received{NodeId("n2"), VoteResponse{next, true, true}});
  raft.step(Persisted{output.sequence});
  output = raft.step(Received{NodeId("n2"), VoteResponse{next, false, true}});
  raft.step(Persisted{output.sequence});
  REQUIRE(raft.status().role == Role::leader);
}

}  // namespace

TEST_CASE("replication: a write is applied by every member", "[unit][raft]") {
  Cluster cluster({.seed = 2});
  const std::size_t leader = *cluster.elect();
  for (std::uint64_t i = 1; i <= 50; ++i)
    REQUIRE(cluster.wait(cluster.write(leader, {7, i, "k", Append{std::int64_t(i)}}))->status == ReplyStatus::ok);
  cluster.run(milliseconds(200));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(cluster.raft(i).store().hash() == cluster.raft(leader).store().hash());
    CHECK(std::get<std::vector<std::int64_t>>(cluster.raft(i).store().read("k")).size() == 50);
  }
}

TEST_CASE("replication: a follower says who leads", "[unit][raft]") {
  Cluster cluster({.seed = 2});
  const std::size_t leader = *cluster.elect();
  const auto reply = cluster.wait(cluster.write((leader + 1) % 5, {7, 1, "k", Put{1}}));
  CHECK(reply->status == ReplyStatus::not_leader);
  CHECK(reply->leader == "n" + std::to_string(leader + 1));
}

TEST_CASE("replication: a follower answers only for what is on its disk", "[unit][raft]") {
  Raft raft = follower_with({1});
  const Output got = raft.step(
      Received{NodeId("n2"),
               AppendRequest{.term = Term(1), .prev_index = 1, .prev_term = Term(1), .entries = {{2, Term(1), "a"}}}});
  CHECK(sent<AppendResponse>(got).empty());
  const auto answers = sent<AppendResponse>(raft.step(Persisted{got.sequence}));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].success);
  CHECK(answers[0].index == 2);
}

TEST_CASE("replication: a conflicting suffix is replaced, an equal one kept", "[unit][raft]") {
  Raft raft = follower_with({1, 1, 2, 2});
  raft.step(Received{NodeId("n2"), AppendRequest{.term = Term(3),
                                                 .prev_index = 1,
                                                 .prev_term = Term(1),
                                                 .entries = {{2, Term(1), "old"}, {3, Term(3), "new"}}}});
  CHECK(raft.log().last_index() == 3);
  CHECK(raft.log().at(3).payload == "new");
  // An old message that arrives late cuts nothing off.
  raft.step(Received{
      NodeId("n2"),
      AppendRequest{.term = Term(3), .prev_index = 1, .prev_term = Term(1), .entries = {{2, Term(1), "old"}}}});
  CHECK(raft.log().last_index() == 3);
}

TEST_CASE("replication: a refusal names the last position that may be equal", "[unit][raft]") {
  Raft raft = follower_with({1, 1, 4, 4, 4});
  const Output first =
      raft.step(Received{NodeId("n2"), AppendRequest{.term = Term(6), .prev_index = 9, .prev_term = Term(6)}});
  const auto beyond = sent<AppendResponse>(raft.step(Persisted{first.sequence}));
  REQUIRE(beyond.size() == 1);
  CHECK_FALSE(beyond[0].success);
  CHECK(beyond[0].hint == 5);
  const Output second =
      raft.step(Received{NodeId("n2"), AppendRequest{.term = Term(6), .prev_index = 5, .prev_term = Term(3)}});
  const auto conflict = sent<AppendResponse>(second);
  REQUIRE(conflict.size() == 1);
  CHECK(conflict[0].hint == 2);
  CHECK(conflict[0].hint_term == Term(1));
}

TEST_CASE("replication: committed entries cannot be taken back", "[unit][raft]") {
  Raft raft = follower_with({1, 1});
  raft.step(Received{NodeId("n2"), AppendRequest{.term = Term(1), .prev_index = 2, .prev_term = Term(1), .commit = 2}});
  REQUIRE(raft.status().commit == 2);
  raft.step(Received{
      NodeId("n3"),
      AppendRequest{.term = Term(2), .prev_index = 1, .prev_term = Term(1), .entries = {{2, Term(2), "evil"}}}});
  CHECK(raft.log().at(2).payload == "old");
}

TEST_CASE("commit rule: an entry of an older term is not committed by counting", "[unit][raft]") {
  // Figure 3.7 (figure 8 of the paper): entry 2 is of term 2, the leader of term 4 has it on a majority.
  Raft raft = follower_with({1, 2, 3});
  raft.step(Received{NodeId("n3"), AppendRequest{.term = Term(3), .prev_index = 1, .prev_term = Term(1), .commit = 1}});
  crown(raft);
  const Term term = raft.status().term;
  const Index no_op = raft.log().last_index();
  REQUIRE(no_op == 4);
  raft.step(Received{NodeId("n2"), AppendResponse{.term = term, .success = true, .index = 3}});
  CHECK(raft.status().commit == 1);
  // Its own no-op on a majority commits all that is before it.
  raft.step(Received{NodeId("n2"), AppendResponse{.term = term, .success = true, .index = 4}});
  CHECK(raft.status().commit == 4);
}

TEST_CASE("replication: entries are pipelined up to a bound", "[unit][raft]") {
  Raft raft = follower_with({1});
  crown(raft);
  const Term term = raft.status().term;
  raft.step(Received{NodeId("n2"), AppendResponse{.term = term, .success = true, .index = 2}});
  std::size_t entries = 0;
  for (std::uint64_t i = 1; i <= kWindow + 500; ++i) {
    const Output output = raft.step(Proposed{i, {9, i, "k", Put{1}}});
    for (const auto& request : sent<AppendRequest>(output)) entries += request.entries.size();
    raft.step(Persisted{output.sequence});
  }
  CHECK(entries == kWindow);
}

TEST_CASE("replication: what the network lost is sent again", "[unit][raft]") {
  Cluster cluster({.seed = 9});
  const std::size_t leader = *cluster.elect();
  const std::size_t cut = (leader + 1) % 5;
  cluster.run(milliseconds(100));
  cluster.cut(leader, cut, true);
  const RequestId request = cluster.write(leader, {7, 1, "k", Put{1}});
  CHECK(cluster.wait(request)->status == ReplyStatus::ok);
  cluster.cut(leader, cut, false);
  cluster.run(milliseconds(200));
  CHECK(cluster.raft(cut).store().read("k") == Value{std::int64_t{1}});
}

TEST_CASE("replication: a deposed leader says that the outcome is unknown", "[unit][raft]") {
  Cluster cluster({.seed = 10});
  const std::size_t leader = *cluster.elect();
  cluster.isolate(leader, true);
  const RequestId request = cluster.write(leader, {7, 1, "k", Put{1}});
  CHECK(cluster.wait(request, seconds(2))->status == ReplyStatus::leadership_lost);
}

TEST_CASE("snapshot: a follower far behind catches up by one", "[unit][raft]") {
  Cluster cluster({.seed = 11, .snapshot_every = 20});
  const std::size_t leader = *cluster.elect();
  const std::size_t behind = (leader + 1) % 5;
  cluster.crash(behind);
  for (std::uint64_t i = 1; i <= 100; ++i)
    REQUIRE(cluster.wait(cluster.write(leader, {7, i, "k", Append{std::int64_t(i)}}))->status == ReplyStatus::ok);
  CHECK(cluster.raft(leader).log().base_index() > 50);
  cluster.restart(behind);
  cluster.run(seconds(1));
  CHECK(cluster.raft(behind).store().hash() == cluster.raft(leader).store().hash());
  CHECK(cluster.raft(behind).log().base_index() > 50);
  CHECK(cluster.violations().empty());
}

TEST_CASE("snapshot: everybody restarts from it with the same store", "[unit][raft]") {
  Cluster cluster({.seed = 12, .snapshot_every = 10});
  std::size_t leader = *cluster.elect();
  for (std::uint64_t i = 1; i <= 35; ++i) cluster.wait(cluster.write(leader, {7, i, "k", Append{std::int64_t(i)}}));
  for (std::size_t i = 0; i < 5; ++i) cluster.crash(i);
  for (std::size_t i = 0; i < 5; ++i) cluster.restart(i);
  leader = *cluster.elect();
  const auto list = cluster.wait(cluster.read(leader, "k"));
  REQUIRE(list);
  CHECK(std::get<std::vector<std::int64_t>>(list->value).size() == 35);
  CHECK(cluster.violations().empty());
}

TEST_CASE("snapshot: a damaged one is not installed", "[unit][raft]") {
  Raft raft = follower_with({1});
  raft.step(Received{NodeId("n2"), SnapshotRequest{Term(1), 1, {9, Term(1), 5, "damaged"}}});
  CHECK(raft.status().commit == 0);
  CHECK(raft.log().last_index() == 1);
}

}  // namespace fracas::raft::test
