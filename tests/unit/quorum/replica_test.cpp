#include <algorithm>
#include <set>

#include "targets/quorum/core/ring.h"
#include "tests/catch/catch.h"
#include "tests/unit/quorum/room.h"

using namespace fracas;
using namespace fracas::quorum;
using namespace std::chrono_literals;

namespace {

constexpr Terms kAtomic{};
constexpr Terms kLoose{.reads = 1, .writes = 1, .atomic = false, .sloppy = true};

std::vector<Member> order_of(const std::string& key) {
  return Ring({"n1", "n2", "n3", "n4", "n5"}, Options{}.virtual_nodes).order(key);
}

// Only the faculty under test repairs anything.
Options without_repairs() {
  Options options;
  options.read_repair = false;
  options.hinted_handoff = false;
  options.anti_entropy = Duration{};
  return options;
}

std::optional<std::int64_t> value_at(const test::Room& room, Member member, const std::string& key) {
  const Cell* held = room.replica(member).find(key);
  if (held == nullptr) return std::nullopt;
  return std::get<Register>(*held).value;
}

}  // namespace

TEST_CASE("quorum: what one member wrote every member reads, for every kind of data", "[unit][quorum]") {
  test::Room room;
  REQUIRE(room.ask(0, {"r", Put{7}, kAtomic})->status == ReplyStatus::ok);
  REQUIRE(room.ask(1, {"s", Insert{3}, kAtomic})->status == ReplyStatus::ok);
  REQUIRE(room.ask(2, {"s", Insert{1}, kAtomic})->status == ReplyStatus::ok);
  REQUIRE(room.ask(3, {"c", Add{5}, kAtomic})->status == ReplyStatus::ok);
  REQUIRE(room.ask(4, {"c", Add{-2}, kAtomic})->status == ReplyStatus::ok);
  for (Member member = 0; member < 5; ++member) {
    CHECK(room.ask(member, {"r", Read{}, kAtomic})->value == Value(std::int64_t{7}));
    CHECK(room.ask(member, {"s", Read{}, kAtomic})->value == Value(std::vector<std::int64_t>{1, 3}));
    CHECK(room.ask(member, {"c", Read{}, kAtomic})->value == Value(std::int64_t{3}));
  }
  REQUIRE(room.ask(4, {"s", Remove{3}, kAtomic})->status == ReplyStatus::ok);
  CHECK(room.ask(0, {"s", Read{}, kAtomic})->value == Value(std::vector<std::int64_t>{1}));
  REQUIRE(room.ask(1, {"r", Put{}, kAtomic})->status == ReplyStatus::ok);
  CHECK(room.ask(2, {"r", Read{}, kAtomic})->value == Value());
  CHECK(room.ask(0, {"r", Add{1}, kAtomic})->status != ReplyStatus::ok);
}

TEST_CASE("quorum: a member without a majority of the homes refuses in atomic mode, and serves in the loose one",
          "[unit][quorum]") {
  test::Room room;
  room.isolate(0);
  room.pass(3s);
  CHECK(room.ask(0, {"k", Put{1}, kAtomic})->status == ReplyStatus::unavailable);
  CHECK(room.ask(0, {"k", PutBeside{1, {}}, kLoose})->status == ReplyStatus::ok);
  CHECK(room.ask(0, {"k", Read{}, kLoose})->value == Value(std::vector<std::int64_t>{1}));
  CHECK(room.ask(1, {"j", Put{2}, kAtomic})->status == ReplyStatus::ok);
}

TEST_CASE("gossip: members hear of one that falls silent, and of its return", "[unit][quorum]") {
  test::Room room;
  CHECK(room.replica(0).status().alive == std::vector<bool>(5, true));
  room.node(2).kill();
  room.pass(3s);
  CHECK_FALSE(room.replica(0).status().alive[2]);
  CHECK_FALSE(room.replica(4).status().alive[2]);
  REQUIRE(room.node(2).start().has_value());
  room.pass(1s);
  CHECK(room.replica(0).status().alive[2]);
}

TEST_CASE("read repair: a home that missed a write has it after a read", "[unit][quorum]") {
  Options options = without_repairs();
  options.read_repair = true;
  test::Room room(options);
  const Member missed = order_of("k")[0];
  const Member reader = order_of("k")[1];
  room.node(missed).kill();
  REQUIRE(room.ask(reader, {"k", Put{5}, {.atomic = false}})->status == ReplyStatus::ok);
  REQUIRE(room.node(missed).start().has_value());
  room.pass(1s);
  CHECK_FALSE(value_at(room, missed, "k").has_value());
  CHECK(room.ask(reader, {"k", Read{}, {.atomic = false}})->value == Value(std::int64_t{5}));
  room.pass(1s);
  CHECK(value_at(room, missed, "k") == 5);
}

TEST_CASE("hinted handoff: a stand-in keeps what a home missed, over its own restart, and hands it over",
          "[unit][quorum]") {
  for (const bool forgets : {false, true}) {
    Options options = without_repairs();
    options.bugs.volatile_hints = forgets;
    test::Room room(options);
    const std::vector<Member> order = order_of("k");
    const std::set<Member> homes(order.begin(), order.begin() + 3);
    for (const Member home : homes) room.node(home).kill();
    room.pass(3s);
    REQUIRE(room.ask(order[3], {"k", Put{5}, kLoose})->status == ReplyStatus::ok);
    room.pass(100ms);
    for (const Member stand_in : {order[3], order[4]}) {
      room.node(stand_in).kill();
      REQUIRE(room.node(stand_in).start().has_value());
    }
    for (const Member home : homes) REQUIRE(room.node(home).start().has_value());
    room.pass(3s);
    bool held = false;
    for (const Member home : homes) held = held || value_at(room, home, "k") == 5;
    CHECK(held == !forgets);
    if (!forgets) CHECK(room.replica(order[3]).status().hints == 0);
  }
}

TEST_CASE("hinted handoff: what a coordinator began before it was killed reaches the homes", "[unit][quorum]") {
  Options options = without_repairs();
  options.hinted_handoff = true;
  test::Room room(options);
  const std::vector<Member> order = order_of("s");
  const Member coordinator = order[4];
  room.isolate(coordinator);
  room.node(coordinator).when_running([&](node::SimProcess& process) {
    static_cast<QuorumProcess&>(process).request({"s", Insert{3}, kLoose}, [](const Reply&) {});
  });
  room.pass(20ms);
  REQUIRE(room.replica(coordinator).find("s") != nullptr);
  REQUIRE(room.replica(coordinator).status().hints == 0);
  room.node(coordinator).kill();
  room.heal();
  REQUIRE(room.node(coordinator).start().has_value());
  room.pass(3s);
  for (const Member home : {order[0], order[1], order[2]}) CHECK(room.replica(home).find("s") != nullptr);
  CHECK(room.replica(coordinator).status().hints == 0);
}

TEST_CASE("anti-entropy: homes become equal without a read, unless a range is never compared", "[unit][quorum]") {
  for (const bool skips : {false, true}) {
    Options options = without_repairs();
    options.anti_entropy = 100ms;
    options.bugs.skip_range = skips;
    test::Room room(options);
    room.node(0).kill();
    std::vector<std::string> keys;
    for (int i = 0; i < 150; ++i) keys.push_back("k" + std::to_string(i));
    for (const std::string& key : keys)
      REQUIRE(room.ask(1, {key, Put{5}, {.atomic = false}})->status == ReplyStatus::ok);
    REQUIRE(room.node(0).start().has_value());
    room.pass(10s);
    bool all = true;
    for (const std::string& key : keys) {
      const auto order = order_of(key);
      if (std::find(order.begin(), order.begin() + 3, Member{0}) != order.begin() + 3)
        all = all && value_at(room, 0, key) == 5;
    }
    CHECK(all == !skips);
  }
}

TEST_CASE("tombstones: a deleted key stays deleted when a home that missed it returns, and is forgotten in the end",
          "[unit][quorum]") {
  Options options;
  options.tombstone_grace = 20s;
  options.hinted_handoff = false;
  test::Room room(options);
  const Member missed = order_of("k")[0];
  const Member other = order_of("k")[1];
  REQUIRE(room.ask(other, {"k", Put{5}, kAtomic})->status == ReplyStatus::ok);
  room.pass(1s);
  room.node(missed).kill();
  REQUIRE(room.ask(other, {"k", Put{}, kAtomic})->status == ReplyStatus::ok);
  REQUIRE(room.node(missed).start().has_value());
  room.pass(5s);
  CHECK(room.ask(missed, {"k", Read{}, kAtomic})->value == Value());
  CHECK_FALSE(value_at(room, missed, "k").has_value());
  CHECK(room.replica(missed).find("k") != nullptr);
  room.pass(30s);
  for (Member member = 0; member < 5; ++member) CHECK(room.replica(member).find("k") == nullptr);
}

TEST_CASE("journal: a rewrite keeps everything, over a power cut", "[unit][quorum]") {
  Options options;
  options.rewrite_every = 10;
  test::Room room(options);
  for (int i = 0; i < 40; ++i)
    REQUIRE(room.ask(static_cast<Member>(i % 5), {"c", Add{1}, kAtomic})->status == ReplyStatus::ok);
  RandomStream random(1, "test");
  for (Member member = 0; member < 5; ++member) {
    static_cast<void>(room.node(member).cut_power(random, true));
    REQUIRE(room.node(member).start().has_value());
  }
  room.pass(1s);
  CHECK(room.ask(3, {"c", Read{}, kAtomic})->value == Value(std::int64_t{40}));
}
