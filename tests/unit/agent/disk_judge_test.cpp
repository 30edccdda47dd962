#include <algorithm>
#include <cerrno>

#include "agent/disk/disk_judge.h"
#include "tests/catch/catch.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kNow = 1'000;

// Armed around kNow, with a lease.
DiskControlMemory armed(const DiskRule& rule) {
  auto memory = DiskControlMemory::create(rule).value();
  memory.set_lease_end(2'000);
  memory.set_window({500, 1'500});
  return memory;
}

DiskCall call(DiskOperation operation, const std::string& path, std::size_t bytes = 0, std::size_t growth = 0) {
  return {.operation = operation, .path = path, .bytes = bytes, .growth = growth};
}

}  // namespace

TEST_CASE("disk judge: window and lease bound the rule", "[unit][agent]") {
  const auto memory = armed({.error = EIO});
  const DiskCall fsync = call(DiskOperation::fsync, "a");
  CHECK(judge(*memory, fsync, 499).error == 0);
  CHECK(judge(*memory, fsync, 500).error == EIO);
  CHECK(judge(*memory, fsync, 1'499).error == EIO);
  CHECK(judge(*memory, fsync, 1'500).error == 0);
  CHECK(memory.counters() == model::EffectCounters{.matched = 2, .affected = 2, .first_ns = 500, .last_ns = 1'499});
}

TEST_CASE("disk judge: a rule that is stopped or whose lease is over lets everything pass", "[unit][agent]") {
  auto memory = armed({.error = EIO});
  memory.set_lease_end(kNow);
  CHECK(judge(*memory, call(DiskOperation::read, "a"), kNow).error == 0);
  memory.set_lease_end(kNow + 1);
  CHECK(judge(*memory, call(DiskOperation::read, "a"), kNow).error == EIO);
  memory.stop();
  CHECK(judge(*memory, call(DiskOperation::read, "a"), kNow).error == 0);
}

TEST_CASE("disk judge: operations and pattern choose", "[unit][agent]") {
  const auto memory = armed({.files = "db/*.log", .operations = {DiskOperation::write}, .error = ENOSPC});
  CHECK(judge(*memory, call(DiskOperation::write, "db/1.log", 10), kNow).error == ENOSPC);
  CHECK(judge(*memory, call(DiskOperation::write, "db/deep/1.log"), kNow).error == ENOSPC);
  CHECK(judge(*memory, call(DiskOperation::write, "db/1.txt"), kNow).error == 0);
  CHECK(judge(*memory, call(DiskOperation::read, "db/1.log"), kNow).error == 0);
  CHECK(memory.counters().matched == 2);
  CHECK(memory.counters().bytes == 10);
}

TEST_CASE("disk judge: the share is kept, and repeats with the seed", "[unit][agent]") {
  std::string before;
  for (int round = 0; round < 2; ++round) {
    const auto memory = armed({.share = 0.25, .seed = 9, .error = EIO});
    std::string hits;
    for (int i = 0; i < 4'000; ++i)
      hits += judge(*memory, call(DiskOperation::fsync, "a"), kNow).error == 0 ? '.' : 'x';
    const auto hit = std::count(hits.begin(), hits.end(), 'x');
    CHECK(hit > 900);
    CHECK(hit < 1'100);
    if (round > 0) CHECK(hits == before);
    before = hits;
  }
}

TEST_CASE("disk judge: what is free is taken to the last byte and not beyond", "[unit][agent]") {
  const auto memory = armed({.free_bytes = 100});
  CHECK(judge(*memory, call(DiskOperation::write, "a", 60, 60), kNow).error == 0);
  CHECK(judge(*memory, call(DiskOperation::write, "a", 60, 41), kNow).error == ENOSPC);
  CHECK(judge(*memory, call(DiskOperation::write, "a", 60, 40), kNow).error == 0);
  CHECK(judge(*memory, call(DiskOperation::write, "a", 60, 0), kNow).error == 0);
  CHECK(memory.counters().matched == 4);
  CHECK(memory.counters().affected == 1);
}

TEST_CASE("disk rule: senseless ones are refused", "[unit][agent]") {
  CHECK(check_disk_rule({.error = EIO}));
  CHECK_FALSE(check_disk_rule({}));
  CHECK_FALSE(check_disk_rule({.share = 0, .error = EIO}));
  CHECK_FALSE(check_disk_rule({.error = 5'000}));
  CHECK_FALSE(check_disk_rule({.delay = std::chrono::hours(1)}));
  CHECK_FALSE(check_disk_rule({.files = std::string(300, 'x'), .error = EIO}));
}

TEST_CASE("disk rule: only faults of reads go past the page cache", "[unit][agent]") {
  CHECK(needs_uncached_reads({.error = EIO}));
  CHECK(needs_uncached_reads({.corrupt = true}));
  CHECK_FALSE(needs_uncached_reads({.operations = {DiskOperation::fsync}, .error = EIO}));
  CHECK_FALSE(needs_uncached_reads({.lose_unsynced = true}));
}

}  // namespace fracas::agent
