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

TEST_CASE("disk judge: a limited disk does its bytes and calls one after the other", "[unit][agent]") {
  constexpr std::int64_t kMs = 1'000'000;
  auto memory = DiskControlMemory::create({.bytes_per_second = 1'000'000, .calls_per_second = 100}).value();
  memory.set_lease_end(1'000'000 * kMs);
  memory.set_window({0, 1'000'000 * kMs});
  // After a pause 5 ms of work are free; 10 ms a call, 1 ms for 1000 bytes.
  CHECK(judge(*memory, call(DiskOperation::fsync, "a"), 100 * kMs).delay_ns == 5 * kMs);
  CHECK(judge(*memory, call(DiskOperation::read, "a", 1'000), 100 * kMs).delay_ns == 15 * kMs);
  CHECK(judge(*memory, call(DiskOperation::write, "a", 50'000), 100 * kMs).delay_ns == 46 * kMs);
  CHECK(judge(*memory, call(DiskOperation::rename, "a"), 130 * kMs).delay_ns == 5 * kMs);
  CHECK(judge(*memory, call(DiskOperation::open, "a"), 1'000 * kMs).delay_ns == 5 * kMs);
  CHECK(memory.counters().matched == 5);
  CHECK(memory.counters().affected == 5);
}

TEST_CASE("disk judge: stuck bits are the same at every read, whatever its bounds", "[unit][agent]") {
  constexpr std::size_t kBlock = 4096;
  const auto memory = armed({.share = 0.5, .seed = 4, .corrupt = true, .stuck = true});
  const std::string right(100 * kBlock, 'a');
  std::string whole = right;
  const std::size_t flipped = flip_bits(*memory, "wal", 0, 1, whole);
  CHECK(flipped > 30);
  CHECK(flipped < 70);
  std::string again, other = right;
  for (std::size_t at = 0; at < right.size(); at += 1'000) {
    std::string part = right.substr(at, 1'000);
    flip_bits(*memory, "wal", at, at, part);
    again += part;
  }
  CHECK(again == whole);
  CHECK(flip_bits(*memory, "other file", 0, 1, other) > 0);
  CHECK(other != whole);
}

TEST_CASE("disk judge: otherwise one bit is wrong, chosen by the draw", "[unit][agent]") {
  const auto memory = armed({.corrupt = true});
  std::string read(8, '\0');
  CHECK(flip_bits(*memory, "a", 0, 64 + 9, read) == 1);
  CHECK(read == std::string({0, 2, 0, 0, 0, 0, 0, 0}));
  CHECK(flip_bits(*memory, "a", 0, 1, {}) == 0);
}

TEST_CASE("disk rule: senseless ones are refused", "[unit][agent]") {
  CHECK(check_disk_rule({.error = EIO}));
  CHECK_FALSE(check_disk_rule({}));
  CHECK_FALSE(check_disk_rule({.share = 0, .error = EIO}));
  CHECK_FALSE(check_disk_rule({.error = 5'000}));
  CHECK_FALSE(check_disk_rule({.delay = std::chrono::hours(1)}));
  CHECK_FALSE(check_disk_rule({.error = EIO, .stuck = true}));
  CHECK_FALSE(check_disk_rule({.bytes_per_second = 10}));
  CHECK_FALSE(check_disk_rule({.calls_per_second = -1}));
  CHECK(check_disk_rule({.calls_per_second = 0.5}));
  CHECK_FALSE(check_disk_rule({.files = std::string(300, 'x'), .error = EIO}));
}

TEST_CASE("disk rule: only faults of reads go past the page cache", "[unit][agent]") {
  CHECK(needs_uncached_reads({.error = EIO}));
  CHECK(needs_uncached_reads({.corrupt = true}));
  CHECK_FALSE(needs_uncached_reads({.operations = {DiskOperation::fsync}, .error = EIO}));
  CHECK_FALSE(needs_uncached_reads({.bytes_per_second = 1'000}));
  CHECK_FALSE(needs_uncached_reads({.lose_unsynced = true}));
}

}  // namespace fracas::agent
