#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using Kind = Step::Kind;

std::vector<std::int64_t> list(std::initializer_list<std::int64_t> items) {
  return items;
}

}  // namespace

TEST_CASE("batch: later steps see what earlier ones did, and reads tell it", "[unit][raft]") {
  KvStore store;
  const Command command{1, 1, "",
                        Batch{{},
                              {{Kind::read, "a"},
                               {Kind::append, "a", 1},
                               {Kind::read, "a"},
                               {Kind::put, "b", 7},
                               {Kind::remove, "a"},
                               {Kind::read, "a"},
                               {Kind::read, "b"}}}};
  CHECK(store.apply(1, command) == ReplyStatus::ok);
  CHECK(store.readings(command) == std::vector<Value>{{}, list({1}), {}, std::int64_t{7}});
  CHECK(store.read("a") == Value{});
  CHECK(store.read("b") == Value{std::int64_t{7}});
}

TEST_CASE("batch: if one step is impossible or a requirement does not hold, nothing is done", "[unit][raft]") {
  KvStore store({.list_items_max = 3});
  REQUIRE(store.apply(1, {1, 1, "n", Put{5}}) == ReplyStatus::ok);
  REQUIRE(store.apply(2, {1, 2, "l", Append{1}}) == ReplyStatus::ok);
  const auto values = [&] { return std::pair(store.read("n"), store.read("l")); };
  const auto before = values();
  std::uint64_t sequence = 2;
  const auto outcome = [&](Batch batch) {
    ++sequence;
    return store.apply(sequence + 1, {1, sequence, "", std::move(batch)});
  };
  CHECK(outcome({{}, {{Kind::append, "l", 2}, {Kind::put, "l", 3}}}) == ReplyStatus::wrong_type);
  CHECK(outcome({{}, {{Kind::put, "n", 6}, {Kind::append, "n", 3}}}) == ReplyStatus::wrong_type);
  CHECK(outcome({{}, {{Kind::append, "l", 2}, {Kind::append, "l", 3}, {Kind::append, "l", 4}}}) == ReplyStatus::full);
  CHECK(outcome({{{"n", std::int64_t{4}}}, {{Kind::put, "n", 6}}}) == ReplyStatus::mismatch);
  CHECK(outcome({{{"x", std::int64_t{4}}}, {{Kind::put, "n", 6}}}) == ReplyStatus::mismatch);
  CHECK(values() == before);
  CHECK(outcome({{{"n", std::int64_t{5}}, {"x", {}}, {"l", list({1})}}, {{Kind::put, "n", 6}}}) == ReplyStatus::ok);
  CHECK(store.read("n") == Value{std::int64_t{6}});
}

TEST_CASE("batch: asked again it is not done again and says the same, also after a snapshot", "[unit][raft]") {
  KvStore store;
  const Command command{3, 1, "", Batch{{}, {{Kind::append, "a", 1}, {Kind::read, "a"}}}};
  REQUIRE(store.apply(1, command) == ReplyStatus::ok);
  KvStore copy;
  REQUIRE(copy.decode(store.encode()));
  REQUIRE(copy.apply(2, {4, 1, "a", Append{2}}) == ReplyStatus::ok);
  CHECK(copy.apply(3, command) == ReplyStatus::ok);
  CHECK(copy.readings(command) == std::vector<Value>{list({1})});
  CHECK(copy.read("a") == Value{list({1, 2})});
}

TEST_CASE("batch: what reads saw is forgotten where there is too much of it, and then never made up", "[unit][raft]") {
  constexpr std::uint64_t kItems = 50'000;
  KvStore store;
  for (std::uint64_t i = 1; i <= kItems; ++i) store.apply(i, {1, i, "l", Append{1}});
  const auto look = [](std::uint64_t client) {
    return Command{client, 1, "", Batch{{}, {{Kind::read, "l"}, {Kind::append, "n", 1}}}};
  };
  const std::uint64_t fit = kReadingsBytesMax / (kItems * sizeof(std::int64_t));
  std::uint64_t index = kItems;
  for (std::uint64_t client = 10; client <= 10 + fit; ++client)
    CHECK(store.apply(++index, look(client)) == ReplyStatus::ok);
  KvStore copy;
  REQUIRE(copy.decode(store.encode()));
  CHECK(copy.hash() == store.hash());
  for (KvStore* each : {&store, &copy}) {
    CHECK(each->apply(index + 1, look(10)) == ReplyStatus::stale_sequence);
    CHECK(each->apply(index + 2, look(10 + fit)) == ReplyStatus::ok);
    CHECK(each->readings(look(10 + fit)).size() == 1);
    CHECK(std::get<std::vector<std::int64_t>>(each->read("n")).size() == fit + 1);
  }
}

TEST_CASE("batch: a cluster answers with what its reads saw", "[unit][raft]") {
  Cluster cluster({.members = 3, .seed = 21});
  const std::size_t leader = *cluster.elect();
  const auto reply =
      cluster.wait(cluster.write(leader, {5, 1, "", Batch{{}, {{Kind::put, "a", 4}, {Kind::read, "a"}}}}));
  REQUIRE(reply);
  CHECK(reply->status == ReplyStatus::ok);
  CHECK(reply->readings == std::vector<Value>{std::int64_t{4}});
}

}  // namespace fracas::raft::test
