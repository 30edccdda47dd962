#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Numbers = std::vector<std::int64_t>;

Command ask(std::uint64_t client, std::uint64_t sequence, Operation operation) {
  return {client, sequence, "k", std::move(operation)};
}

Numbers granted(const KvStore& store, const Command& command) {
  return std::get<Numbers>(store.granted(command));
}

}  // namespace

TEST_CASE("lock: one client has it at a time, and a write under it gives it back", "[unit][raft]") {
  KvStore store;
  REQUIRE(store.apply(1, ask(1, 1, Acquire{})) == ReplyStatus::ok);
  CHECK(granted(store, ask(1, 1, Acquire{})) == Numbers{1, 0});
  CHECK(store.apply(2, ask(2, 1, Acquire{})) == ReplyStatus::mismatch);
  CHECK(store.apply(3, ask(1, 2, GuardedPut{5, 1})) == ReplyStatus::ok);
  REQUIRE(store.apply(4, ask(2, 2, Acquire{})) == ReplyStatus::ok);
  CHECK(granted(store, ask(2, 2, Acquire{})) == Numbers{4, 5});
}

TEST_CASE("lock: an acquire that is asked for again gets the same token", "[unit][raft]") {
  KvStore store;
  const Command command = ask(1, 1, Acquire{});
  REQUIRE(store.apply(3, command) == ReplyStatus::ok);
  REQUIRE(store.apply(4, command) == ReplyStatus::ok);
  CHECK(granted(store, command) == Numbers{3, 0});
}

TEST_CASE("lock: who has lost it writes nothing any more, without fencing it does", "[unit][raft]") {
  for (const bool fenced : {true, false}) {
    KvStore store({}, {.lock_without_fencing = !fenced});
    REQUIRE(store.apply(1, ask(1, 1, Acquire{})) == ReplyStatus::ok);
    REQUIRE(store.apply(2, ask(0, 1, Expire{1})) == ReplyStatus::ok);
    REQUIRE(store.apply(3, ask(2, 1, Acquire{})) == ReplyStatus::ok);
    CHECK(store.apply(4, ask(1, 2, GuardedPut{9, 1})) == (fenced ? ReplyStatus::mismatch : ReplyStatus::ok));
    CHECK(store.read("k") == (fenced ? Value{} : Value{std::int64_t{9}}));
    CHECK(store.locks().at("k") == Lock{.held = 3, .fence = 3});
  }
}

TEST_CASE("lock: it runs out for the present holder alone", "[unit][raft]") {
  KvStore store;
  REQUIRE(store.apply(1, ask(1, 1, Acquire{})) == ReplyStatus::ok);
  REQUIRE(store.apply(2, ask(1, 2, GuardedPut{1, 1})) == ReplyStatus::ok);
  REQUIRE(store.apply(3, ask(2, 1, Acquire{})) == ReplyStatus::ok);
  CHECK(store.apply(4, ask(0, 1, Expire{1})) == ReplyStatus::mismatch);
  CHECK(store.locks().at("k").held == 3);
}

TEST_CASE("lock: locks are part of a snapshot", "[unit][raft]") {
  KvStore store;
  REQUIRE(store.apply(1, ask(1, 1, Acquire{})) == ReplyStatus::ok);
  KvStore restored;
  REQUIRE(restored.decode(store.encode()));
  CHECK(restored.locks() == store.locks());
  CHECK(restored.hash() == store.hash());
}

TEST_CASE("lock: a command survives its encoding", "[unit][raft]") {
  for (const Operation& operation : {Operation{Acquire{}}, Operation{GuardedPut{-4, 7}}, Operation{Expire{9}}})
    CHECK(decode_command(encode(ask(3, 2, operation))) == ask(3, 2, operation));
}

TEST_CASE("lock: a leader ends the hold of who keeps it for too long, and clients cannot", "[unit][raft]") {
  Cluster cluster({.seed = 4});
  const std::size_t leader = *cluster.elect();
  const auto first = cluster.wait(cluster.write(leader, ask(7, 1, Acquire{})));
  REQUIRE(first->status == ReplyStatus::ok);
  const std::int64_t token = std::get<Numbers>(first->value).front();
  CHECK(cluster.wait(cluster.write(leader, ask(8, 1, Expire{token})))->status == ReplyStatus::bad_request);
  CHECK(cluster.wait(cluster.write(leader, ask(8, 1, Acquire{})))->status == ReplyStatus::mismatch);
  cluster.run(milliseconds(700));
  const auto next = cluster.wait(cluster.write(leader, ask(8, 2, Acquire{})));
  REQUIRE(next->status == ReplyStatus::ok);
  CHECK(std::get<Numbers>(next->value).front() > token);
  CHECK(cluster.violations().empty());
}

}  // namespace fracas::raft::test
