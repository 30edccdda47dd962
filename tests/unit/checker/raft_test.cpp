#include "checker/invariants/raft.h"

#include <algorithm>

#include "checker/check.h"
#include "tests/catch/catch.h"

namespace fracas::checker::tests {
namespace {

using model::NodeEvent;
using model::NodeEventType;
using model::Role;
using Invariant = RaftInvariant;

// The events of one cluster, a millisecond apart, written down in the order in which they happen.
class Cluster {
 public:
  Cluster& start(int node, std::uint64_t term, std::uint64_t index) {
    return add(node, NodeEventType::start, term, [&](NodeEvent& e) { e.index = index; });
  }
  Cluster& role(int node, std::uint64_t term, Role role) {
    return add(node, NodeEventType::role, term, [&](NodeEvent& e) { e.role = role; });
  }
  Cluster& leader(int node, std::uint64_t term) { return role(node, term, Role::leader); }
  Cluster& vote(int node, std::uint64_t term, const char* peer) {
    return add(node, NodeEventType::vote, term, [&](NodeEvent& e) { e.peer = peer; });
  }
  Cluster& append(int node, std::uint64_t term, std::uint64_t index, std::uint64_t entry_term, std::uint64_t hash) {
    return add(node, NodeEventType::append, term, [&](NodeEvent& e) {
      e.index = index;
      e.entry_term = entry_term;
      e.hash = hash;
    });
  }
  Cluster& truncate(int node, std::uint64_t term, std::uint64_t index) {
    return add(node, NodeEventType::truncate, term, [&](NodeEvent& e) { e.index = index; });
  }
  Cluster& commit(int node, std::uint64_t term, std::uint64_t index) {
    return add(node, NodeEventType::commit, term, [&](NodeEvent& e) { e.index = index; });
  }
  Cluster& apply(int node, std::uint64_t term, std::uint64_t index, std::uint64_t hash) {
    return state(node, NodeEventType::apply, term, index, hash);
  }
  Cluster& snapshot(int node, std::uint64_t term, std::uint64_t index, std::uint64_t hash) {
    return state(node, NodeEventType::snapshot, term, index, hash);
  }
  const std::vector<std::vector<NodeEvent>>& nodes() const { return nodes_; }

 private:
  template <typename Fill>
  Cluster& add(int node, NodeEventType type, std::uint64_t term, Fill fill) {
    NodeEvent event;
    event.time_ns = ++now_ms_ * 1'000'000;
    event.node = "n" + std::to_string(node);
    event.type = type;
    event.term = term;
    fill(event);
    nodes_[static_cast<std::size_t>(node - 1)].push_back(std::move(event));
    return *this;
  }
  Cluster& state(int node, NodeEventType type, std::uint64_t term, std::uint64_t index, std::uint64_t hash) {
    return add(node, type, term, [&](NodeEvent& e) {
      e.index = index;
      e.hash = hash;
    });
  }
  std::int64_t now_ms_ = 0;
  std::vector<std::vector<NodeEvent>> nodes_{3};
};

// n1 leads term 1 and commits two entries with n2; n3 lags behind with one of them.
Cluster committed_pair() {
  Cluster cluster;
  cluster.start(1, 0, 0).start(2, 0, 0).start(3, 0, 0);
  cluster.role(1, 1, Role::candidate).vote(1, 1, "n1").vote(2, 1, "n1").leader(1, 1);
  cluster.append(1, 1, 1, 1, 11)
      .append(2, 1, 1, 1, 11)
      .append(3, 1, 1, 1, 11)
      .append(1, 1, 2, 1, 12)
      .append(2, 1, 2, 1, 12);
  cluster.commit(1, 1, 2)
      .apply(1, 1, 1, 101)
      .apply(1, 1, 2, 102)
      .commit(2, 1, 2)
      .apply(2, 1, 1, 101)
      .apply(2, 1, 2, 102);
  return cluster;
}

struct Example {
  const char* what;
  Cluster cluster;
  std::vector<Invariant> broken;
};

std::vector<Example> sound() {
  const auto c = committed_pair;
  return {
      {"a committed pair", c(), {}},
      {"a later leader that has everything", c().vote(2, 2, "n2").leader(2, 2).append(2, 2, 3, 2, 23), {}},
      {"an uncommitted entry is replaced",
       c().append(1, 1, 3, 1, 13)
           .vote(2, 2, "n2")
           .leader(2, 2)
           .append(2, 2, 3, 2, 23)
           .truncate(1, 2, 3)
           .append(1, 2, 3, 2, 23),
       {}},
      {"a restart that keeps everything", c().start(1, 1, 2).commit(1, 1, 1).apply(1, 1, 1, 101), {}},
      {"a restart without an unacknowledged entry", c().append(1, 1, 3, 1, 13).start(1, 1, 2), {}},
      {"the same vote again after a restart", c().start(2, 1, 2).vote(2, 1, "n1"), {}},
      {"a snapshot counts as the log it replaced", c().snapshot(2, 1, 2, 102).vote(2, 2, "n2").leader(2, 2), {}},
      {"a follower that gets a snapshot", c().snapshot(3, 1, 2, 102).append(3, 1, 3, 1, 13), {}},
      {"entries from before the recording are not held against anybody",
       Cluster().start(1, 5, 40).commit(1, 5, 40).start(2, 5, 40).leader(2, 6),
       {}},
  };
}

std::vector<Example> broken() {
  const auto c = committed_pair;
  return {
      {"two leaders", c().leader(2, 1), {Invariant::election_safety}},
      {"two votes", c().vote(2, 1, "n3"), {Invariant::vote_once}},
      {"two votes across a restart", c().start(2, 1, 2).vote(2, 1, "n3"), {Invariant::vote_once}},
      {"a leader truncates", c().append(1, 1, 3, 1, 13).truncate(1, 1, 3), {Invariant::leader_append_only}},
      {"logs differ under one index and term", c().append(3, 1, 2, 1, 99), {Invariant::log_matching}},
      {"two entries committed at one index",
       c().append(3, 2, 2, 2, 22).commit(3, 2, 2),
       {Invariant::committed_conflict}},
      {"a leader without a committed entry", c().leader(3, 2), {Invariant::leader_completeness}},
      {"a late leader of an old term",
       c().vote(2, 3, "n2")
           .leader(2, 3)
           .append(2, 3, 3, 3, 33)
           .commit(2, 3, 3)
           .role(3, 2, Role::leader)
           .role(3, 3, Role::follower),
       {Invariant::leader_completeness}},
      {"a leader without an entry that turns out committed",
       Cluster().start(1, 1, 0).start(2, 1, 0).leader(1, 1).append(1, 1, 1, 1, 11).leader(2, 2).commit(1, 1, 1),
       {Invariant::leader_completeness}},
      {"a follower drops a committed entry", c().truncate(2, 1, 2), {Invariant::committed_truncated}},
      {"a restart loses a committed entry", c().start(2, 1, 1), {Invariant::committed_truncated}},
      {"state machines differ", c().apply(3, 1, 1, 7), {Invariant::state_machine_safety}},
      {"a snapshot differs", c().snapshot(3, 1, 2, 7), {Invariant::state_machine_safety}},
      {"the term goes back", c().role(3, 4, Role::follower).role(3, 3, Role::follower), {Invariant::term_monotonic}},
      {"the term was not persisted", c().role(3, 4, Role::candidate).start(3, 1, 1), {Invariant::term_monotonic}},
      {"the commit index goes back", c().commit(1, 1, 1), {Invariant::commit_monotonic}},
      {"a commit index beyond the log", c().commit(3, 1, 2), {Invariant::commit_in_log}},
  };
}

}  // namespace

TEST_CASE("raft: each invariant is found broken where it is, and nowhere else", "[unit][checker]") {
  for (const auto& table : {sound(), broken()})
    for (const Example& example : table) {
      INFO(example.what);
      const RaftFindings found = check_raft_invariants(example.cluster.nodes());
      std::vector<Invariant> kinds;
      for (const auto& [invariant, count] : found.counts) kinds.push_back(invariant);
      for (const auto& violation : found.violations) UNSCOPED_INFO(violation.sentence);
      CHECK(kinds == example.broken);
    }
}

TEST_CASE("raft: an entry is committed once a majority has it on its disks", "[unit][checker]") {
  const auto broken = [](const Cluster& cluster, std::size_t voters) {
    const RaftFindings found = check_raft_invariants(cluster.nodes(), voters);
    return found.counts.contains(Invariant::commit_quorum);
  };
  CHECK_FALSE(broken(committed_pair(), 3));
  CHECK(broken(committed_pair().append(1, 1, 3, 1, 13).commit(1, 1, 3), 3));
  CHECK_FALSE(
      broken(committed_pair().append(1, 1, 3, 1, 13).append(3, 1, 2, 1, 12).append(3, 1, 3, 1, 13).commit(1, 1, 3), 3));
  CHECK_FALSE(broken(committed_pair().append(1, 1, 3, 1, 13).commit(1, 1, 3), 0));
}

TEST_CASE("raft: a violation names nodes, term, events and the fault it fell in", "[unit][checker]") {
  const std::vector<model::FaultWindow> faults{{"pause#1", "pause", "process.pause", "n1", 10'000'000, 90'000'000, {}}};
  const auto cluster = committed_pair().vote(2, 1, "n3");
  const CheckResult result = check_raft(cluster.nodes(), faults);
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "vote once: n2 voted for n1 and then for n3 in term 1");
  REQUIRE(result.counterexample);
  REQUIRE(result.counterexample->events.size() == 2);
  CHECK(result.counterexample->events[0].peer == "n1");
  CHECK(result.counterexample->events[1].peer == "n3");
  CHECK(result.counterexample->fault_windows == std::vector<std::string>{"pause#1"});
  CHECK(result.counterexample->fault_sentence == "during pause#1 (process.pause n1), 9 ms after its start");
}

TEST_CASE("raft: a clean run passes with its numbers, and no events are undecided", "[unit][checker]") {
  const CheckResult pass = check_raft(committed_pair().nodes(), {});
  CHECK(pass.verdict == Verdict::pass);
  CHECK(pass.numbers.at("elections") == 1);
  CHECK(pass.numbers.at("committed_max") == 2);
  CHECK(check_raft({}, {}).verdict == Verdict::undecided);
}

}  // namespace fracas::checker::tests
