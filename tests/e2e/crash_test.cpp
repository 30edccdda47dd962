// SIGKILL of controller, agents, or both, at random moments: the faults end by themselves, and heal leaves nothing.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <set>
#include <thread>

#include "lib/base/random.h"
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/residue.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;
using namespace std::chrono_literals;

constexpr int kLabsAtOnce = 5;
constexpr auto kLease = 1s;

// Rounds of five labs; FRACAS_CRASH_ROUNDS asks for more than CI has time for.
int rounds() {
  const char* wanted = std::getenv("FRACAS_CRASH_ROUNDS");
  return wanted ? std::atoi(wanted) : 4;
}

struct Victim {
  Program program;
  std::string what;  // "controller", "agents", "both"
  std::chrono::milliseconds moment;
};

Victim start_victim(const Scratch& scratch, int round, int number, fracas::RandomStream& random) {
  static const std::vector<std::string> kWhat{"controller", "agents", "both"};
  const auto directory = scratch.path() / fmt::format("run-{}-{}", round, number);
  return {Program::start(scratch, {"run", fracas::tests::source_dir() + "/tests/e2e/every-fault.toml", "--seed",
                                   std::to_string(round * 100 + number), "--out", directory.string()}),
          kWhat[static_cast<std::size_t>(random.below(3))], std::chrono::milliseconds(500 + random.below(7000))};
}

std::set<unsigned> newly(const std::set<unsigned>& now, const std::set<unsigned>& before) {
  std::set<unsigned> added;
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::inserter(added, added.end()));
  return added;
}

void kill_victim(Victim& victim) {
  const auto agents =
      find_processes({"fracas-agent", "serve", fmt::format("--exit-with{}{}", '\0', victim.program.pid())});
  if (victim.what != "agents") ::kill(victim.program.pid(), SIGKILL);
  if (victim.what != "controller")
    for (const pid_t agent : agents) ::kill(agent, SIGKILL);
}

}  // namespace

TEST_CASE("crash: whatever is killed, faults end within the lease, and heal leaves nothing", "[e2e]") {
  const Scratch scratch;
  fracas::RandomStream random(7, "crash");
  const Census before = take_census(scratch.state());
  for (int round = 0; round < rounds(); ++round) {
    std::vector<Victim> victims;
    for (int i = 0; i < kLabsAtOnce; ++i) victims.push_back(start_victim(scratch, round, i, random));
    std::sort(victims.begin(), victims.end(), [](const Victim& a, const Victim& b) { return a.moment < b.moment; });
    const auto begin = std::chrono::steady_clock::now();
    for (Victim& victim : victims) {
      std::this_thread::sleep_until(begin + victim.moment);
      kill_victim(victim);
    }
    // Where only agents died the controller notices, aborts and cleans up by itself.
    for (Victim& victim : victims) {
      const int code = victim.program.wait();
      INFO(victim.what << "\n" << victim.program.output());
      if (victim.what == "agents") CHECK((code == 4 || code == 5));
    }
    std::this_thread::sleep_for(kLease + 1s);
    const Census acting = take_census(scratch.state());
    INFO("round " << round);
    CHECK(acting.stopped == before.stopped);
    CHECK(newly(acting.bpf_links, before.bpf_links).empty());  // no classifier is attached any more

    const Ended heal = run(scratch, {"heal"});
    INFO(heal.output);
    CHECK(heal.code == 0);
    CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
  }
}
