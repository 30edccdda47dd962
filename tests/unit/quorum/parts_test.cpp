#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "targets/quorum/client/call_policy.h"
#include "targets/quorum/core/bugs.h"
#include "targets/quorum/core/digest_tree.h"
#include "targets/quorum/core/failure_detector.h"
#include "targets/quorum/core/hybrid_clock.h"
#include "targets/quorum/core/journal.h"
#include "targets/quorum/core/ring.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::quorum;

TEST_CASE("ring: every key has its homes among the members, and they are spread", "[unit][quorum]") {
  const Ring ring({"n1", "n2", "n3", "n4", "n5"}, 64);
  std::map<Member, int> first;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = "k" + std::to_string(i);
    const auto order = ring.order(key);
    CHECK(std::set<Member>(order.begin(), order.end()).size() == 5);
    const auto homes = ring.homes(key, 3);
    REQUIRE(homes.size() == 3);
    CHECK(std::equal(homes.begin(), homes.end(), order.begin()));
    ++first[homes.front()];
  }
  for (const auto& [member, keys] : first) CHECK(keys > 200);
}

TEST_CASE("ring: a member that leaves moves only the keys that were its own", "[unit][quorum]") {
  const Ring five({"n1", "n2", "n3", "n4", "n5"}, 64);
  const Ring four({"n1", "n2", "n3", "n4"}, 64);
  for (int i = 0; i < 500; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (five.homes(key, 1).front() != 4) CHECK(five.homes(key, 1) == four.homes(key, 1));
  }
}

TEST_CASE("failure detector: suspicion grows with silence, as measured by what was usual", "[unit][quorum]") {
  constexpr std::int64_t kMs = 1'000'000;
  FailureDetector detector(2, 50 * kMs, 8);
  detector.begin(1000 * kMs);
  CHECK(detector.alive(1, 1500 * kMs));
  CHECK_FALSE(detector.alive(1, 3000 * kMs));
  for (std::int64_t at = 1000; at <= 5000; at += 100) detector.heard(1, at * kMs);
  CHECK(detector.phi(1, 5000 * kMs) == 0);
  CHECK(detector.phi(1, 5230 * kMs) > 0.9);
  CHECK(detector.phi(1, 5230 * kMs) < 1.1);
  CHECK(detector.alive(1, 6800 * kMs));
  CHECK_FALSE(detector.alive(1, 6900 * kMs));
  detector.heard(1, 9000 * kMs);  // back; the long gap is not taken for usual
  CHECK_FALSE(detector.alive(1, 10'900 * kMs));
}

TEST_CASE("failure detector: what is usual follows a change of habit", "[unit][quorum]") {
  constexpr std::int64_t kMs = 1'000'000;
  FailureDetector detector(2, 50 * kMs, 8);
  std::int64_t at = 0;
  for (int i = 0; i < 200; ++i) detector.heard(1, (at += 100) * kMs);
  CHECK(detector.phi(1, (at + 400) * kMs) > 1.6);
  for (int i = 0; i < 500; ++i) detector.heard(1, (at += 400) * kMs);
  CHECK(detector.phi(1, (at + 400) * kMs) < 0.5);
}

TEST_CASE("digest tree: two members find the very range in which they differ", "[unit][quorum]") {
  DigestTree a;
  DigestTree b;
  for (int i = 0; i < 300; ++i) {
    a.add("k" + std::to_string(i), 5);
    b.add("k" + std::to_string(299 - i), 5);
  }
  CHECK(a.root() == b.root());
  b.add("odd", 9);
  CHECK(a.root() != b.root());
  const std::uint16_t leaf = DigestTree::leaf_of("odd");
  const auto group = static_cast<std::uint16_t>(leaf / 16);
  for (const auto& [place, digest] : a.parts(0, 0)) CHECK((digest == b.digest(1, place)) == (place != group));
  for (const auto& [place, digest] : a.parts(1, group)) CHECK((digest == b.digest(2, place)) == (place != leaf));
  b.remove("odd", 9);
  CHECK(a.root() == b.root());
}

TEST_CASE("hybrid clock: it follows the wall clock, and never falls behind what it saw", "[unit][quorum]") {
  HybridClock clock;
  CHECK(clock.next(100) == std::pair<std::int64_t, std::uint64_t>{100, 0});
  CHECK(clock.next(90) == std::pair<std::int64_t, std::uint64_t>{100, 1});
  clock.observe({500, 7, 0, 0});
  CHECK(clock.next(200) == std::pair<std::int64_t, std::uint64_t>{500, 8});
  CHECK(clock.next(501) == std::pair<std::int64_t, std::uint64_t>{501, 0});
}

TEST_CASE("journal: what was written is recovered, a torn tail is cut, damage before whole records is not",
          "[unit][quorum]") {
  const Cell cell = Register{{1, 2, 0, 1}, 42, 0};
  const Cell other = Register{{2, 0, 1, 1}, 43, 0};
  std::string bytes = journal_header() + journal_bytes(LifeRecord{3}) + journal_bytes(CellRecord{"a", cell}) +
                      journal_bytes(CellRecord{"b", cell}) + journal_bytes(HintRecord{1, "c", cell}) +
                      journal_bytes(CellRecord{"a", other}) + journal_bytes(CellRecord{"b", std::nullopt});
  const std::size_t whole = bytes.size();
  bytes += journal_bytes(HintRecord{1, "c", std::nullopt});
  bytes.pop_back();
  const auto contents = parse_journal(bytes);
  REQUIRE(contents.has_value());
  CHECK(contents->good_bytes == whole);
  CHECK(contents->recovered.life == 3);
  CHECK(contents->recovered.cells == std::map<std::string, Cell>{{"a", other}});
  CHECK(contents->recovered.hints.size() == 1);
  bytes[journal_header().size() + 9] ^= 1;
  CHECK_FALSE(parse_journal(bytes).has_value());
  CHECK_FALSE(parse_journal("something else").has_value());
}

TEST_CASE("call policy: a write that may have arrived is not tried again, a read is", "[unit][quorum]") {
  const std::vector<std::string> nodes{"n1", "n2"};
  CallPolicy write(nodes, 0, true);
  CHECK(write.learn({.reply = {}, .sent = false, .reason = "connection refused"}) == CallPolicy::Next::after_pause);
  CHECK(write.node() == 1);
  CHECK(write.learn({.reply = {}, .sent = true, .reason = "timeout"}) == CallPolicy::Next::done);
  CHECK(write.result().outcome == Outcome::indeterminate);
  CallPolicy read(nodes, 0, false);
  CHECK(read.learn({.reply = {}, .sent = true, .reason = "timeout"}) == CallPolicy::Next::again);
  CHECK(read.learn({.reply = Reply{.status = ReplyStatus::unavailable}}) == CallPolicy::Next::after_pause);
  CHECK(read.result().outcome == Outcome::fail);
  CHECK(read.learn({.reply = Reply{.value = std::int64_t{7}}}) == CallPolicy::Next::done);
  CHECK(read.result().reply.value == Value(std::int64_t{7}));
}

TEST_CASE("bugs: each has a name that switches it on, and no other name does", "[unit][quorum]") {
  for (const std::string& name : bug_names()) {
    Bugs bugs;
    CHECK(plant(bugs, name));
  }
  Bugs bugs;
  CHECK_FALSE(plant(bugs, "nothing"));
}
