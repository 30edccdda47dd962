#include "targets/raft/core/kv_store.h"
#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

Value list(std::vector<std::int64_t> items) {
  return Value{std::move(items)};
}

}  // namespace

TEST_CASE("store: put, cas and append do what they say", "[unit][raft]") {
  KvStore store;
  std::uint64_t index = 0;
  const auto apply = [&](std::string key, Operation operation) {
    ++index;
    return store.apply(index, {1, index, std::move(key), operation});
  };
  CHECK(apply("a", Cas{1, 2}) == ReplyStatus::mismatch);
  CHECK(apply("a", Put{1}) == ReplyStatus::ok);
  CHECK(apply("a", Cas{1, 2}) == ReplyStatus::ok);
  CHECK(apply("a", Cas{1, 3}) == ReplyStatus::mismatch);
  CHECK(store.read("a") == Value{std::int64_t{2}});
  CHECK(apply("l", Append{7}) == ReplyStatus::ok);
  CHECK(apply("l", Append{8}) == ReplyStatus::ok);
  CHECK(store.read("l") == list({7, 8}));
  CHECK(apply("l", Put{1}) == ReplyStatus::wrong_type);
  CHECK(apply("l", Cas{1, 1}) == ReplyStatus::wrong_type);
  CHECK(apply("a", Append{1}) == ReplyStatus::wrong_type);
  CHECK(store.read("none") == Value{});
}

TEST_CASE("store: it refuses to grow past its bounds", "[unit][raft]") {
  KvStore store({.state_bytes_max = 100, .list_items_max = 2});
  CHECK(store.apply(1, {1, 1, "l", Append{1}}) == ReplyStatus::ok);
  CHECK(store.apply(2, {1, 2, "l", Append{1}}) == ReplyStatus::ok);
  CHECK(store.apply(3, {1, 3, "l", Append{1}}) == ReplyStatus::full);
  CHECK(store.apply(4, {1, 4, "b", Put{1}}) == ReplyStatus::ok);
  CHECK(store.apply(5, {1, 5, "c", Put{1}}) == ReplyStatus::full);
  CHECK(store.apply(6, {1, 6, "b", Put{2}}) == ReplyStatus::ok);
}

TEST_CASE("store: a snapshot brings back values, sessions and hash", "[unit][raft]") {
  KvStore store({.sessions_max = 3});
  for (std::uint64_t i = 1; i <= 20; ++i) {
    store.apply(2 * i, {i, 1, "k" + std::to_string(i % 4), Put{std::int64_t(i)}});
    store.apply(2 * i + 1, {i, 2, "list", Append{std::int64_t(i)}});
  }
  KvStore copy({.sessions_max = 3});
  REQUIRE(copy.decode(store.encode()));
  CHECK(copy.hash() == store.hash());
  CHECK(copy.encode() == store.encode());
  CHECK(copy.apply(99, {20, 2, "list", Append{5}}) == ReplyStatus::ok);
  CHECK(copy.read("list") == store.read("list"));
  CHECK(copy.apply(100, {1, 3, "list", Append{5}}) == ReplyStatus::session_expired);
}

TEST_CASE("store: a damaged snapshot is refused and changes nothing", "[unit][raft]") {
  KvStore store;
  store.apply(1, {1, 1, "k", Put{1}});
  const std::string good = store.encode();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    CHECK_FALSE(store.decode(bad));
  }
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(store.decode(good.substr(0, size)));
  CHECK(store.read("k") == Value{std::int64_t{1}});
}

TEST_CASE("store: its hash tells orders of appends and keys apart", "[unit][raft]") {
  const auto hash_after = [](const std::vector<Command>& commands) {
    KvStore store;
    std::uint64_t index = 0;
    for (const Command& command : commands) store.apply(++index, command);
    return store.hash();
  };
  CHECK(hash_after({{1, 1, "k", Append{1}}, {1, 2, "k", Append{2}}}) !=
        hash_after({{1, 1, "k", Append{2}}, {1, 2, "k", Append{1}}}));
  CHECK(hash_after({{1, 1, "a", Put{1}}}) != hash_after({{1, 1, "b", Put{1}}}));
  CHECK(hash_after({{1, 1, "a", Put{1}}}) != hash_after({{1, 1, "a", Put{2}}}));
}

TEST_CASE("session: a retried command is answered again and applied once", "[unit][raft]") {
  KvStore store;
  CHECK(store.apply(1, {1, 1, "k", Put{1}}) == ReplyStatus::ok);
  CHECK(store.apply(2, {1, 2, "k", Cas{1, 2}}) == ReplyStatus::ok);
  CHECK(store.apply(3, {1, 2, "k", Cas{1, 2}}) == ReplyStatus::ok);
  CHECK(store.apply(4, {1, 1, "k", Put{1}}) == ReplyStatus::stale_sequence);
  CHECK(store.read("k") == Value{std::int64_t{2}});
}

TEST_CASE("session: the least recently used is forgotten first", "[unit][raft]") {
  KvStore store({.sessions_max = 2});
  store.apply(1, {1, 1, "k", Put{1}});
  store.apply(2, {2, 1, "k", Put{1}});
  store.apply(3, {1, 2, "k", Put{1}});
  store.apply(4, {3, 1, "k", Put{1}});
  CHECK(store.apply(5, {2, 2, "k", Put{1}}) == ReplyStatus::session_expired);
  CHECK(store.apply(6, {1, 3, "k", Put{1}}) == ReplyStatus::ok);
  CHECK(store.apply(7, {9, 2, "k", Put{1}}) == ReplyStatus::session_expired);
}

TEST_CASE("session: a retry on the next leader is applied once", "[unit][raft]") {
  Cluster cluster({.seed = 21});
  const std::size_t old = *cluster.elect();
  const Command command{7, 1, "k", Append{5}};
  REQUIRE(cluster.wait(cluster.write(old, command))->status == ReplyStatus::ok);
  cluster.crash(old);
  const std::size_t next = *cluster.elect();
  REQUIRE(cluster.wait(cluster.write(next, command))->status == ReplyStatus::ok);
  CHECK(cluster.wait(cluster.read(next, "k"))->value == list({5}));
}

TEST_CASE("bug duplicate-apply: a retried append is there twice, on every member alike", "[unit][raft]") {
  Cluster cluster({.seed = 21, .bugs = {.duplicate_apply = true}});
  const std::size_t leader = *cluster.elect();
  const Command command{7, 1, "k", Append{5}};
  cluster.wait(cluster.write(leader, command));
  cluster.wait(cluster.write(leader, command));
  CHECK(cluster.wait(cluster.read(leader, "k"))->value == list({5, 5}));
  CHECK(cluster.violations().empty());
}

TEST_CASE("bug vote-not-persisted: a term gets a second leader when all restart", "[unit][raft]") {
  bool seen = false;
  for (std::uint64_t seed = 1; seed <= 20 && !seen; ++seed) {
    Cluster cluster({.seed = seed, .bugs = {.vote_not_persisted = true}});
    cluster.elect();
    for (std::size_t i = 0; i < 5; ++i) cluster.crash(i);
    for (std::size_t i = 0; i < 5; ++i) cluster.restart(i);
    cluster.run(std::chrono::seconds(2));
    seen = !cluster.violations().empty();
  }
  CHECK(seen);
}

}  // namespace fracas::raft::test
