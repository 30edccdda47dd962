#include <algorithm>

#include "targets/raft/client/administrator.h"
#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<NodeId> ids(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

// Asks whoever leads until it is done.
bool change(Cluster& cluster, const std::vector<std::size_t>& voters, const std::vector<std::size_t>& learners = {}) {
  for (int tries = 0; tries < 50; ++tries) {
    const auto leader = cluster.await_leader();
    if (!leader) return false;
    const auto reply = cluster.wait(cluster.change(*leader, voters, learners), seconds(3));
    if (reply && reply->status == ReplyStatus::ok) return true;
    cluster.run(milliseconds(50));
  }
  return false;
}

bool write(Cluster& cluster, std::uint64_t sequence, std::int64_t value) {
  for (int tries = 0; tries < 50; ++tries) {
    const auto leader = cluster.await_leader();
    if (!leader) return false;
    const auto reply = cluster.wait(cluster.write(*leader, {7, sequence, "k", Append{value}}), seconds(1));
    if (reply && reply->status == ReplyStatus::ok) return true;
    cluster.run(milliseconds(20));
  }
  return false;
}

std::size_t items(const Cluster& cluster, std::size_t member) {
  const Value value = cluster.raft(member).store().read("k");
  const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
  return list == nullptr ? 0 : list->size();
}

void no_violations(const Cluster& cluster) {
  for (const std::string& violation : cluster.violations()) FAIL_CHECK(violation);
}

}  // namespace

TEST_CASE("members: a majority of the voters decides, while joint one of the outgoing too, and learners never",
          "[unit][raft]") {
  Configuration three{.voters = ids({"a", "b", "c"}), .outgoing = {}, .learners = ids({"d", "e"})};
  const auto reached = [](const NodeId& node) -> std::uint64_t {
    return static_cast<std::uint64_t>(node.value()[0] - 'a' + 1) * 10;
  };
  CHECK(agreed(three, reached) == 20);
  // The bug: d and e are further, and two of three are enough.
  CHECK(agreed(three, reached, true) == 40);
  const Configuration joint{.voters = ids({"c", "d", "e"}), .outgoing = ids({"a", "b", "c"}), .learners = {}};
  CHECK(agreed(joint, reached) == 20);
  CHECK(joint.members() == ids({"a", "b", "c", "d", "e"}));
  CHECK(joint.votes(NodeId("a")));
  CHECK_FALSE(three.votes(NodeId("d")));
  CHECK(three.has(NodeId("d")));
  CHECK(three.is_near({.voters = ids({"a", "b", "c", "d"}), .outgoing = {}, .learners = {}}));
  CHECK_FALSE(three.is_near({.voters = ids({"a", "b", "d"}), .outgoing = {}, .learners = {}}));
}

TEST_CASE("members: what names nobody, or somebody twice, is no configuration", "[unit][raft]") {
  Configuration empty;
  CHECK_FALSE(normalise(empty));
  Configuration twice{.voters = ids({"b", "a", "b"}), .outgoing = {}, .learners = {}};
  CHECK_FALSE(normalise(twice));
  Configuration both{.voters = ids({"b", "a"}), .outgoing = {}, .learners = ids({"a"})};
  CHECK_FALSE(normalise(both));
  Configuration good{.voters = ids({"b", "a"}), .outgoing = {}, .learners = ids({"c"})};
  REQUIRE(normalise(good));
  CHECK(good.voters == ids({"a", "b"}));
}

TEST_CASE("members: new voters catch up as learners and then count, old ones leave, and nothing is lost",
          "[unit][raft]") {
  Cluster cluster({.seed = 3, .snapshot_every = 20, .voters = 3});
  for (std::uint64_t i = 1; i <= 50; ++i) REQUIRE(write(cluster, i, static_cast<std::int64_t>(i)));
  CHECK(items(cluster, 4) == 0);
  // Four voters are different: this goes by way of a joint configuration.
  REQUIRE(change(cluster, {2, 3, 4}));
  cluster.run(milliseconds(300));
  for (const std::size_t member : {2U, 3U, 4U}) {
    CHECK(cluster.raft(member).status().members ==
          Configuration{.voters = ids({"n3", "n4", "n5"}), .outgoing = {}, .learners = {}});
    CHECK(items(cluster, member) == 50);
  }
  // The old majority is not needed any more, nor does it elect anybody.
  cluster.crash(0);
  cluster.crash(1);
  REQUIRE(write(cluster, 51, 51));
  const auto leader = cluster.leader();
  REQUIRE(leader);
  CHECK(*leader >= 2);
  no_violations(cluster);
}

TEST_CASE("members: a leader that removes itself hands over, and does not come back", "[unit][raft]") {
  Cluster cluster({.members = 3, .seed = 5});
  const std::size_t old = *cluster.elect();
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < 3; ++i)
    if (i != old) others.push_back(i);
  const RequestId request = cluster.change(old, others);
  CHECK(cluster.wait(request)->status == ReplyStatus::ok);
  // Well within an election timeout: the successor was asked to campaign.
  cluster.run(milliseconds(60));
  const auto fresh = cluster.leader();
  REQUIRE(fresh);
  CHECK(*fresh != old);
  cluster.run(seconds(2));
  CHECK(cluster.leader() == fresh);
  CHECK(cluster.raft(old).status().role == Role::follower);
  no_violations(cluster);
}

TEST_CASE("members: who was removed learns that, and does not campaign", "[unit][raft]") {
  Cluster cluster({.members = 3, .seed = 23});
  const std::size_t leader = *cluster.elect();
  const std::size_t removed = (leader + 1) % 3;
  const std::size_t stays = (leader + 2) % 3;
  REQUIRE(change(cluster, {leader, stays}));
  const std::size_t before = cluster.events(removed).size();
  cluster.run(seconds(3));
  const auto& events = cluster.events(removed);
  CHECK(std::none_of(events.begin() + static_cast<std::ptrdiff_t>(before), events.end(), [](const Event& event) {
    return event.type == Event::Type::role && event.role != Role::follower;
  }));
  CHECK(cluster.leader() == leader);
}

TEST_CASE("members: who was removed while it was cut off disturbs nobody when it comes back", "[unit][raft]") {
  Cluster cluster({.members = 4, .seed = 25});
  const std::size_t leader = *cluster.elect();
  const std::size_t removed = (leader + 1) % 4;
  cluster.isolate(removed, true);
  REQUIRE(change(cluster, {leader, (leader + 2) % 4, (leader + 3) % 4}));
  cluster.run(seconds(1));
  const Term term = cluster.raft(leader).status().term;
  // It has campaigned all the time, without the votes that would have brought it into another term.
  CHECK(cluster.raft(removed).status().role == Role::pre_candidate);
  cluster.isolate(removed, false);
  cluster.run(seconds(2));
  CHECK(cluster.leader() == leader);
  CHECK(cluster.raft(leader).status().term == term);
  CHECK_FALSE(cluster.raft(removed).status().members.votes(NodeId("n" + std::to_string(removed + 1))));
}

TEST_CASE("members: a configuration that is dropped from the log gives way to the one before", "[unit][raft]") {
  Cluster cluster({.seed = 27, .voters = 3});
  const std::size_t old = *cluster.await_leader();
  const Configuration before = cluster.raft(old).status().members;
  cluster.isolate(old, true);
  cluster.change(old, {0, 1, 2, 3, 4});
  CHECK(cluster.raft(old).status().members.learners == ids({"n4", "n5"}));
  cluster.run(seconds(2));
  cluster.mend();
  REQUIRE(write(cluster, 1, 1));
  cluster.run(milliseconds(300));
  CHECK(cluster.raft(old).status().members == before);
  no_violations(cluster);
}

TEST_CASE("members: a snapshot and the log after it tell a restarted member who belongs", "[unit][raft]") {
  Cluster cluster({.seed = 29, .snapshot_every = 20, .voters = 3});
  REQUIRE(change(cluster, {0, 1, 2, 3}, {4}));
  for (std::uint64_t i = 1; i <= 50; ++i) REQUIRE(write(cluster, i, static_cast<std::int64_t>(i)));
  cluster.run(milliseconds(300));
  const Configuration now = cluster.raft(*cluster.leader()).status().members;
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(cluster.raft(i).log().base_index() > 0);
    cluster.crash(i);
    cluster.restart(i);
    CHECK(cluster.raft(i).status().members == now);
  }
  CHECK(now.voters.size() == 4);
  CHECK(now.learners == ids({"n5"}));
}

TEST_CASE("members: learners are sent everything, and neither elect nor commit", "[unit][raft]") {
  Cluster cluster({.seed = 7, .voters = 3});
  REQUIRE(change(cluster, {0, 1, 2}, {3, 4}));
  for (std::uint64_t i = 1; i <= 5; ++i) REQUIRE(write(cluster, i, static_cast<std::int64_t>(i)));
  cluster.run(milliseconds(200));
  CHECK(items(cluster, 3) == 5);
  const std::size_t leader = *cluster.leader();
  // Without the other voters, two learners are of no help.
  for (std::size_t i = 0; i < 3; ++i)
    if (i != leader) cluster.crash(i);
  const RequestId lonely = cluster.write(leader, {7, 6, "k", Append{6}});
  cluster.run(seconds(2));
  const auto reply = cluster.answer(lonely);
  CHECK((!reply || reply->status != ReplyStatus::ok));
  CHECK_FALSE(cluster.leader());
  no_violations(cluster);
}

TEST_CASE("members: a change waits for the one before, and for an entry of the leader's own", "[unit][raft]") {
  Cluster cluster({.seed = 9, .voters = 3});
  const std::size_t leader = *cluster.await_leader();
  const RequestId first = cluster.change(leader, {0, 1, 2, 3});
  const RequestId second = cluster.change(leader, {0, 1, 2, 4});
  CHECK(cluster.wait(second)->status == ReplyStatus::busy);
  CHECK(cluster.wait(first)->status == ReplyStatus::ok);
  CHECK(cluster.wait(cluster.change(leader, {0, 1, 2, 3}))->status == ReplyStatus::ok);
  const std::size_t follower = leader == 0 ? 1 : 0;
  CHECK(cluster.wait(cluster.change(follower, {0, 1, 2}))->status == ReplyStatus::not_leader);
  CHECK(cluster.wait(cluster.change(leader, {}))->status == ReplyStatus::bad_request);
}

TEST_CASE("members: a new voter that does not catch up is given up, and the cluster goes on", "[unit][raft]") {
  Cluster cluster({.seed = 11, .voters = 3});
  const std::size_t leader = *cluster.await_leader();
  cluster.crash(4);
  REQUIRE(write(cluster, 1, 1));
  // It has nothing of more than a few entries that it may lack.
  for (std::uint64_t i = 2; i <= 100; ++i) REQUIRE(write(cluster, i, 1));
  CHECK(cluster.wait(cluster.change(leader, {0, 1, 2, 4}))->status == ReplyStatus::mismatch);
  CHECK(cluster.raft(leader).status().members.voters == ids({"n1", "n2", "n3"}));
  REQUIRE(write(cluster, 101, 1));
}

TEST_CASE("members: new voters join learners that there are", "[unit][raft]") {
  Cluster cluster({.seed = 19, .voters = 3});
  REQUIRE(change(cluster, {0, 1, 4}, {3}));
  REQUIRE(change(cluster, {0, 1, 2, 3, 4}));
  cluster.run(milliseconds(200));
  for (std::size_t i = 0; i < 5; ++i) CHECK(cluster.raft(i).status().members.voters.size() == 5);
}

TEST_CASE("members: a new leader ends the joint configuration that its predecessor began", "[unit][raft]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Cluster cluster({.seed = seed, .voters = 3});
    const std::size_t leader = *cluster.await_leader();
    cluster.change(leader, {leader, 3, 4});
    for (int i = 0; i < 200 && !cluster.raft(leader).status().members.joint(); ++i) cluster.run(milliseconds(1));
    REQUIRE(cluster.raft(leader).status().members.joint());
    cluster.run(milliseconds(2));
    cluster.crash(leader);
    cluster.restart(leader);
    REQUIRE(write(cluster, 1, 1));
    cluster.run(seconds(1));
    for (const std::size_t i : {leader, std::size_t{3}, std::size_t{4}}) {
      const Configuration members = cluster.raft(i).status().members;
      CHECK_FALSE(members.joint());
      CHECK(members.voters.size() == 3);
      CHECK(members.votes(NodeId("n4")));
    }
    no_violations(cluster);
  }
}

TEST_CASE("transfer: the successor leads within a few round trips, and has everything", "[unit][raft]") {
  Cluster cluster({.seed = 13});
  const std::size_t old = *cluster.elect();
  REQUIRE(write(cluster, 1, 1));
  const std::size_t next = (old + 1) % 5;
  const Duration asked = cluster.now();
  CHECK(cluster.wait(cluster.transfer(old, next))->status == ReplyStatus::ok);
  CHECK(cluster.now() - asked < milliseconds(60));
  CHECK(cluster.elect() == next);
  CHECK(items(cluster, next) == 1);
  CHECK(cluster.wait(cluster.transfer(next, next))->status == ReplyStatus::ok);
  CHECK(cluster.wait(cluster.transfer(old, next))->status == ReplyStatus::not_leader);
  no_violations(cluster);
}

TEST_CASE("transfer: a successor that does not answer is given up, and meanwhile nothing is proposed", "[unit][raft]") {
  Cluster cluster({.seed = 15});
  const std::size_t leader = *cluster.elect();
  const std::size_t next = (leader + 1) % 5;
  cluster.crash(next);
  REQUIRE(write(cluster, 1, 1));
  const RequestId request = cluster.transfer(leader, next);
  CHECK(cluster.wait(cluster.write(leader, {7, 2, "k", Append{2}}))->status == ReplyStatus::busy);
  CHECK(cluster.wait(request)->status == ReplyStatus::mismatch);
  CHECK(cluster.leader() == leader);
  REQUIRE(write(cluster, 2, 2));
}

TEST_CASE("transfer: a leader under a lease does not trust it any more once it has asked another to campaign",
          "[unit][raft]") {
  Cluster cluster({.seed = 17, .reads = ReadMode::lease});
  const std::size_t leader = *cluster.elect();
  cluster.run(milliseconds(100));
  const RequestId before = cluster.read(leader, "k");
  CHECK(cluster.answer(before).has_value());
  // The request to campaign is lost, but the leader cannot know.
  cluster.isolate(leader, true);
  cluster.transfer(leader, (leader + 1) % 5);
  const RequestId after = cluster.read(leader, "k");
  cluster.run(milliseconds(1));
  CHECK_FALSE(cluster.answer(after).has_value());
}

TEST_CASE("transfer: it is said to be done where the successor campaigns, and not where somebody else does",
          "[unit][raft]") {
  for (const bool successor : {true, false}) {
    Raft raft = *Raft::make({.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}}, {});
    raft.step(Tick{seconds(0)});
    raft.step(Tick{seconds(10)});
    const Output asked = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), true, true}});
    raft.step(Persisted{asked.sequence});
    const Output elected = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), false, true}});
    raft.step(Persisted{elected.sequence});
    raft.step(Received{NodeId("n2"), AppendResponse{.term = Term(1), .success = true, .index = 1, .round = 1}});
    REQUIRE(raft.status().role == Role::leader);
    raft.step(TransferRequested{5, NodeId("n2")});
    const Output over =
        raft.step(Received{NodeId(successor ? "n2" : "n3"), VoteRequest{Term(2), false, 1, Term(1), true}});
    const auto is_answer = [](const Effect& effect) { return std::holds_alternative<Answer>(effect); };
    const auto found = std::find_if(over.effects.begin(), over.effects.end(), is_answer);
    REQUIRE(found != over.effects.end());
    CHECK(std::get<Answer>(*found).reply.status == (successor ? ReplyStatus::ok : ReplyStatus::leadership_lost));
  }
}

TEST_CASE("administrator: every wish is one that can be granted", "[unit][raft]") {
  const std::vector<std::string> nodes{"n1", "n2", "n3", "n4", "n5"};
  Administrator administrator(nodes, 3, 1);
  std::size_t transfers = 0, learners = 0;
  for (int i = 0; i < 1000; ++i) {
    const AdminAction action = administrator.next();
    if (std::holds_alternative<TransferRequest>(action)) {
      ++transfers;
      continue;
    }
    const auto& change = std::get<ChangeRequest>(action);
    Configuration wish{.voters = ids(change.voters), .outgoing = {}, .learners = ids(change.learners)};
    CHECK(normalise(wish));
    CHECK(wish.voters.size() >= 2);
    learners += wish.learners.size();
  }
  CHECK(transfers > 200);
  CHECK(learners > 50);
}

TEST_CASE("store: a deleted key is absent, also after a snapshot, and may be written anew", "[unit][raft]") {
  KvStore store;
  const std::uint64_t empty = store.hash();
  CHECK(store.apply(1, {1, 1, "k", Put{5}}) == ReplyStatus::ok);
  CHECK(store.apply(2, {1, 2, "k", Delete{}}) == ReplyStatus::ok);
  CHECK(store.read("k") == Value{});
  CHECK(store.apply(3, {1, 3, "k", Delete{}}) == ReplyStatus::ok);
  CHECK(store.apply(4, {1, 4, "k", Append{1}}) == ReplyStatus::ok);
  CHECK(store.apply(5, {1, 5, "k", Delete{}}) == ReplyStatus::ok);
  KvStore copy;
  REQUIRE(copy.decode(store.encode()));
  CHECK(copy.hash() == store.hash());
  CHECK(copy.read("k") == Value{});
  CHECK(store.hash() != empty);  // the session remembers
}

}  // namespace fracas::raft::test
