#include <set>
#include <string>

#include "lib/sim/disk.h"
#include "lib/sim/host_clock.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace std::chrono_literals;

TEST_CASE("simulated disk: what was synced outlives the power, of the rest a beginning may", "[unit][sim]") {
  std::set<std::string> survivors;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    sim::Disk disk;
    disk.append("ab");
    disk.sync(1);
    disk.append("cd");
    disk.append("ef");
    CHECK(disk.contents() == "abcdef");
    RandomStream random(seed, "power");
    const sim::Disk::Loss lost = disk.lose_power(random, false);
    CHECK(lost.writes == 2 - (disk.contents().size() - 2) / 2);
    CHECK(lost.bytes == 2 * lost.writes);
    CHECK(disk.unsynced() == 0);
    survivors.insert(disk.contents());
  }
  CHECK(survivors == std::set<std::string>{"ab", "abcd", "abcdef"});
}

TEST_CASE("simulated disk: a torn write leaves a part of the first that was lost", "[unit][sim]") {
  std::set<std::string> survivors;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    sim::Disk disk;
    disk.append("0123");
    disk.append("4567");
    RandomStream random(seed, "power");
    const sim::Disk::Loss lost = disk.lose_power(random, true);
    CHECK(lost.bytes + disk.contents().size() == 8);
    CHECK(std::string("01234567").starts_with(disk.contents()));
    survivors.insert(disk.contents());
  }
  CHECK(survivors.count("01") == 1);
  CHECK(survivors.count("012345") == 1);
}

TEST_CASE("simulated disk: a file written anew is the old one until it is synced", "[unit][sim]") {
  sim::Disk disk;
  disk.append("old");
  disk.sync(1);
  disk.replace("new");
  CHECK(disk.contents() == "new");
  std::set<std::string> survivors;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    sim::Disk copy = disk;
    RandomStream random(seed, "power");
    copy.lose_power(random, false);
    survivors.insert(copy.contents());
  }
  CHECK(survivors == std::set<std::string>{"old", "new"});
}

TEST_CASE("simulated clock: the monotonic one slows down where it would step back", "[unit][sim]") {
  sim::HostClock clock(true);
  CHECK(clock.read(1s) == 1s);
  clock.set(sim::HostClock::Error{.since = 1s, .offset = 2s});
  CHECK(clock.read(2s) == 4s);
  clock.set(std::nullopt);
  CHECK(clock.read(2800ms) == 4100ms);  // an eighth of its speed
  CHECK(clock.read(10s) == 10s);
  clock.set(sim::HostClock::Error{.since = 10s, .drift_ppm = 500'000});
  CHECK(clock.read(12s) == 13s);
}
