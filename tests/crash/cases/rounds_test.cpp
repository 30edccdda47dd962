// SIGKILL of agent, guardian or controller at random moments under random faults of every kind: nothing is left, and
// the services work on.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "lib/model/catalogue.h"
#include "lib/os/cgroup.h"
#include "tests/catch/catch.h"
#include "tests/crash/round/round.h"

using namespace fracas;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Rounds of consecutive seeds, some at once.
struct Tally {
  std::mutex mutex;  // guards all below
  std::uint64_t rounds = 0;
  std::uint64_t outlived = 0;
  std::map<std::string, int> armed, refused;
  std::vector<std::string> failures;
};

void add(const crash::Outcome& outcome, std::uint64_t seed, Tally& tally) {
  const std::lock_guard lock(tally.mutex);
  ++tally.rounds;
  tally.outlived += outcome.outlived ? 1 : 0;
  for (const auto& [kind, count] : outcome.armed) tally.armed[kind] += count;
  for (const auto& [kind, count] : outcome.refused) tally.refused[kind] += count;
  if (tally.rounds % 50 == 0) std::printf("%lu rounds, %zu failed\n", tally.rounds, tally.failures.size());
  if (outcome.complaints.empty()) return;
  std::string text = "FRACAS_CRASH_SEED=" + std::to_string(seed) + " FRACAS_CRASH_ROUNDS=1 plays it again\n";
  for (const std::string& complaint : outcome.complaints) text += "COMPLAINT " + complaint + "\n";
  tally.failures.push_back(text + outcome.replay);
  std::printf("%s\n", tally.failures.back().c_str());
  std::fflush(stdout);
}

}  // namespace

TEST_CASE("crash: whoever is killed under whichever faults, nothing is left and the services work on",
          "[kernel][agent][crash]") {
  if (::geteuid() != 0 || !os::Cgroup::mount_point()) FRACAS_SKIP("needs root and cgroup2");
  const std::uint64_t first = setting("FRACAS_CRASH_SEED", 1);
  const std::uint64_t rounds = setting("FRACAS_CRASH_ROUNDS", 25);
  std::atomic<std::uint64_t> next{first};
  Tally tally;
  {
    std::vector<std::jthread> players;
    for (std::uint64_t i = 0; i < setting("FRACAS_CRASH_JOBS", 4); ++i)
      players.emplace_back([&] {
        for (std::uint64_t seed = next++; seed < first + rounds; seed = next++)
          add(crash::play_round(seed), seed, tally);
      });
  }
  std::printf("%lu rounds from seed %lu; in %lu the services outlived it all\n", tally.rounds, first, tally.outlived);
  for (const auto& doc : model::kinds(model::Section::fault))
    std::printf("  %-22s armed %4d times, refused %d\n", doc.kind.c_str(), tally.armed[doc.kind],
                tally.refused[doc.kind]);
  CHECK(tally.failures.size() == 0);
  CHECK(tally.rounds == rounds);
}
