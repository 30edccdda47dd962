#include "tests/catch/catch.h"
#include "tests/unit/raft/cluster.h"

namespace fracas::raft::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One client that appends 1, 2, 3, … to one list, each number retried on member after member until it is decided.
class Appender {
 public:
  Appender(Cluster& cluster, std::uint64_t client) : cluster_(cluster), client_(client) {}

  void work() {
    if (request_) {
      const auto reply = cluster_.answer(*request_);
      if (!reply && cluster_.now() - asked_at_ < milliseconds(300)) return;
      if (reply && reply->status == ReplyStatus::ok) ++done_;
      if (reply && reply->status != ReplyStatus::ok) ++member_;
      if (!reply) ++member_;
    }
    member_ %= 5;
    if (!cluster_.up(member_)) member_ = (member_ + 1) % 5;
    if (!cluster_.up(member_)) return request_.reset();
    const std::int64_t value = static_cast<std::int64_t>(done_) + 1;
    request_ = cluster_.write(member_, {client_, done_ + 1, key(), Append{value}});
    asked_at_ = cluster_.now();
  }

  std::string key() const { return "list" + std::to_string(client_); }
  std::uint64_t done() const { return done_; }

 private:
  Cluster& cluster_;
  std::uint64_t client_;
  std::uint64_t done_ = 0;
  std::size_t member_ = 0;
  std::optional<RequestId> request_{};
  Duration asked_at_{};
};

// Reads a list on one member after another. What was acknowledged before it asked must be in the answer.
class Reader {
 public:
  Reader(Cluster& cluster, const Appender& appender) : cluster_(cluster), appender_(appender) {}

  void work() {
    if (request_) {
      const auto reply = cluster_.answer(*request_);
      if (!reply && cluster_.now() - asked_at_ < milliseconds(300)) return;
      if (reply && reply->status == ReplyStatus::ok) check(reply->value);
      if (!reply || reply->status != ReplyStatus::ok) member_ = (member_ + 1) % 5;
    }
    request_ = cluster_.read(member_, appender_.key());
    asked_at_ = cluster_.now();
    seen_before_ = appender_.done();
  }

  std::uint64_t answers() const { return answers_; }

 private:
  void check(const Value& value) {
    const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
    const std::uint64_t size = list == nullptr ? 0 : list->size();
    CHECK(size >= seen_before_);
    CHECK(size <= appender_.done() + 1);
    ++answers_;
  }

  Cluster& cluster_;
  const Appender& appender_;
  std::size_t member_ = 0;
  std::optional<RequestId> request_{};
  Duration asked_at_{};
  std::uint64_t seen_before_ = 0;
  std::uint64_t answers_ = 0;
};

// Random trouble from the seed: crashes, restarts, cuts of single directions, freezes.
void trouble(Cluster& cluster, RandomStream& random) {
  const auto member = static_cast<std::size_t>(random.below(5));
  const auto other = static_cast<std::size_t>(random.below(5));
  switch (random.below(8)) {
    case 0:
      cluster.crash(member);
      break;
    case 1:
    case 2:
      cluster.restart(member);
      break;
    case 3:
      cluster.freeze(member, true);
      break;
    case 4:
      cluster.freeze(member, false);
      break;
    case 5:
      if (member != other) cluster.cut(member, other, true);
      break;
    case 6:
      cluster.cut(member, other, false);
      break;
    default:
      cluster.isolate(member, random.chance(0.5));
      break;
  }
}

struct StormResult {
  std::uint64_t done = 0;
  std::uint64_t read = 0;
  std::vector<std::uint64_t> hashes{};
};

// Asks whoever leads for random members, or to hand over.
void administer(Cluster& cluster, RandomStream& random) {
  const auto leader = cluster.leader();
  if (!leader || !random.chance(0.03)) return;
  if (random.chance(0.3)) {
    cluster.transfer(*leader, static_cast<std::size_t>(random.below(5)));
    return;
  }
  std::vector<std::size_t> all{0, 1, 2, 3, 4};
  shuffle(all, random);
  const std::size_t voters = 2 + static_cast<std::size_t>(random.below(4));
  const std::size_t members = voters + static_cast<std::size_t>(random.below(6 - voters));
  const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
  cluster.change(*leader, {at(0), at(voters)}, {at(voters), at(members)});
}

// Everybody a voter again.
void gather(Cluster& cluster) {
  for (int tries = 0; tries < 100; ++tries) {
    const auto leader = cluster.await_leader();
    REQUIRE(leader);
    const auto reply = cluster.wait(cluster.change(*leader, {0, 1, 2, 3, 4}), seconds(2));
    if (reply && reply->status == ReplyStatus::ok) return;
    cluster.run(milliseconds(50));
  }
  FAIL_CHECK("the members cannot be changed any more");
}

StormResult storm(std::uint64_t seed, bool changes = false) {
  const Weather bad{.drop = 0.1, .twice = 0.05, .delay_max = milliseconds(30), .disk_max = milliseconds(10)};
  Cluster cluster({.seed = seed, .snapshot_every = 15});
  RandomStream random(seed, "storm");
  Appender first(cluster, 1);
  Appender second(cluster, 2);
  Reader reader(cluster, first);
  INFO("seed " << seed);
  for (int turn = 0; turn < 100; ++turn) {
    // Now and then a calm in which everybody gets on.
    if (turn % 20 == 0) cluster.set_weather(bad);
    if (turn % 20 < 16) trouble(cluster, random);
    if (turn % 20 == 16) cluster.mend();
    for (int i = 0; i < 10; ++i) {
      if (changes) administer(cluster, random);
      first.work();
      second.work();
      reader.work();
      cluster.run(milliseconds(10));
    }
  }
  cluster.mend();
  if (changes) gather(cluster);
  const auto leader = cluster.elect(seconds(3));
  REQUIRE(leader);
  cluster.run(milliseconds(500));
  for (const std::string& violation : cluster.violations()) FAIL_CHECK(violation);

  StormResult result{.read = reader.answers()};
  for (const Appender* appender : {&first, &second}) {
    const Value value = cluster.raft(*leader).store().read(appender->key());
    const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
    const std::uint64_t size = list == nullptr ? 0 : list->size();
    // Everything acknowledged is there, in order and once; at most the open one beyond it.
    CHECK(size >= appender->done());
    CHECK(size <= appender->done() + 1);
    for (std::uint64_t i = 0; i < size; ++i) CHECK((*list)[i] == static_cast<std::int64_t>(i + 1));
    result.done += appender->done();
  }
  for (std::size_t i = 0; i < 5; ++i) {
    result.hashes.push_back(cluster.raft(i).store().hash());
    CHECK(result.hashes[i] == result.hashes[0]);
  }
  return result;
}

}  // namespace

TEST_CASE("storm: 200 seeds of loss, cuts, freezes and crashes break no invariant", "[unit][raft]") {
  StormResult total;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const StormResult one = storm(seed);
    total.done += one.done;
    total.read += one.read;
  }
  // The weather is bad, but it must not keep everybody from working.
  CHECK(total.done > 200 * 100);
  CHECK(total.read > 200 * 50);
}

TEST_CASE("storm: 200 seeds that also change members and leaders all the time break no invariant", "[unit][raft]") {
  StormResult total;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const StormResult one = storm(seed, true);
    total.done += one.done;
    total.read += one.read;
  }
  CHECK(total.done > 200 * 25);
  CHECK(total.read > 200 * 10);
}

TEST_CASE("storm: the same seed gives the same run", "[unit][raft]") {
  const StormResult once = storm(77);
  const StormResult again = storm(77);
  CHECK(once.done == again.done);
  CHECK(once.hashes == again.hashes);
}

}  // namespace fracas::raft::test
