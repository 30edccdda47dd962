#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool answered(const Output& output) {
  for (const Effect& effect : output.effects)
    if (std::holds_alternative<Answer>(effect)) return true;
  return false;
}

// n1 of three, just elected at 400 ms, with its first entry committed; its last round began then, too.
Raft elected(double drift_max) {
  auto raft = *Raft::make({.self = NodeId("n1"),
                           .peers = {NodeId("n2"), NodeId("n3")},
                           .reads = ReadMode::lease,
                           .clock_drift_max = drift_max},
                          {});
  raft.step(Tick{milliseconds(0)});
  raft.step(Tick{milliseconds(400)});
  Output output = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), true, true}});
  raft.step(Persisted{output.sequence});
  output = raft.step(Received{NodeId("n2"), VoteResponse{Term(1), false, true}});
  raft.step(Persisted{output.sequence});
  raft.step(Received{NodeId("n2"), AppendResponse{.term = Term(1), .success = true, .index = 1, .round = 1}});
  return raft;
}

// What a leader with a slow clock, cut off, reads after another one has written; nothing if it gives no value.
std::optional<Value> read_of_deposed(std::uint64_t seed, const Bugs& bugs) {
  Cluster cluster({.seed = seed, .bugs = bugs, .reads = ReadMode::lease, .clock_drift_max = 0.5});
  const std::size_t old = *cluster.elect();
  cluster.wait(cluster.write(old, {7, 1, "k", Put{1}}));
  cluster.slow_down(old);
  cluster.run(milliseconds(500));
  cluster.isolate(old, true);
  for (int i = 0; i < 400 && cluster.leader() == old; ++i) cluster.run(milliseconds(1));
  std::size_t fresh = old;
  for (std::size_t i = 0; i < 5; ++i)
    if (i != old && cluster.raft(i).status().role == Role::leader) fresh = i;
  if (fresh == old) return std::nullopt;
  cluster.wait(cluster.write(fresh, {8, 1, "k", Put{2}}));
  const RequestId read = cluster.read(old, "k");
  cluster.run(milliseconds(1));
  const auto reply = cluster.answer(read);
  if (!reply || reply->status != ReplyStatus::ok) return std::nullopt;
  return reply->value;
}

}  // namespace

TEST_CASE("lease: while it lasts a read is answered at once, afterwards a majority is asked", "[unit][raft]") {
  Raft raft = elected(0.2);
  // Of 150 ms, as much as a clock that is slow by 20 % may count while one that is fast by 20 % counts all of it.
  raft.step(Tick{milliseconds(499)});
  CHECK(answered(raft.step(ReadRequested{1, "k"})));
  raft.step(Tick{milliseconds(501)});
  CHECK_FALSE(answered(raft.step(ReadRequested{2, "k"})));
}

TEST_CASE("lease: a member that was restarted helps nobody against a leader it may have heard", "[unit][raft]") {
  auto raft = *Raft::make({.self = NodeId("n1"), .peers = {NodeId("n2"), NodeId("n3")}, .reads = ReadMode::lease}, {});
  const auto granted = [&raft](milliseconds at) {
    raft.step(Tick{at});
    const Output output = raft.step(Received{NodeId("n2"), VoteRequest{Term(5), true, 0, Term(0)}});
    return std::get<VoteResponse>(std::get<Send>(output.effects.back()).message).granted;
  };
  CHECK_FALSE(granted(milliseconds(0)));
  CHECK_FALSE(granted(milliseconds(149)));
  CHECK(granted(milliseconds(150)));
}

TEST_CASE("lease: a leader whose clock is as slow as allowed reads nothing stale, one that allows for nothing does",
          "[unit][raft]") {
  int stale = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    const auto sound = read_of_deposed(seed, {});
    CHECK((!sound || *sound == Value{std::int64_t{2}}));
    const auto read = read_of_deposed(seed, {.lease_ignores_drift = true});
    if (read == Value{std::int64_t{1}}) ++stale;
  }
  CHECK(stale > 0);
}

}  // namespace fracas::raft::test
