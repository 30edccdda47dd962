#include "agent/lease.h"

#include <unistd.h>

#include <filesystem>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;
using namespace std::chrono_literals;

TEST_CASE("lease: a renewal counts from now and never shortens what is granted", "[unit][agent]") {
  CHECK(lease_end_ns(1'000, 0, 5us) == 6'000);
  CHECK(lease_end_ns(2'000, 6'000, 5us) == 7'000);
  CHECK(lease_end_ns(2'000, 60'000, 5us) == 60'000);
}

TEST_CASE("lease: a fault ends with its window or the lease, whichever is first", "[unit][agent]") {
  CHECK(fault_end_ns(100, 200) == 100);
  CHECK(fault_end_ns(300, 200) == 200);
  // Never armed: the lease alone counts. No lease: over already.
  CHECK(fault_end_ns(0, 200) == 200);
  CHECK(fault_end_ns(300, 0) == 0);
}

TEST_CASE("lease: every mapping of the file sees the same end", "[unit][agent]") {
  const auto path = std::filesystem::temp_directory_path() / ("fracas-lease-" + std::to_string(::getpid()));
  auto agent = LeaseFile::open(path);
  const auto guardian = LeaseFile::open(path);
  REQUIRE(agent);
  REQUIRE(guardian);
  CHECK(guardian->end_ns() == 0);
  agent->set_end_ns(123'456'789'012);
  CHECK(guardian->end_ns() == 123'456'789'012);
  std::filesystem::remove(path);
}
