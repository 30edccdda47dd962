// Every engine of the checker against every order tried, on random small histories of registers and lists: verdicts,
// orders and minimal cores; and every level below linearizability against its definition.
// soak_engines [HISTORIES]     (default: a million of either)
#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/unit/checker/engines_agree.h"
#include "tests/unit/checker/streaming/stream_agrees.h"
#include "tests/unit/checker/weak/levels_agree.h"

using namespace fracas::checker::tests;

namespace {

// How many histories of a family are not judged as they are; prints the first few.
std::uint64_t soak_levels(const MemoryFamily& family, std::uint64_t histories) {
  std::mutex mutex;
  MemoryTally total;
  std::uint64_t wrong = 0;
  const auto run = [&](std::uint64_t first, std::uint64_t step) {
    MemoryTally tally;
    for (std::uint64_t seed = first; seed <= histories; seed += step) {
      const std::string text = MemoryAgreement(family, seed).disagreement(tally);
      if (text.empty()) continue;
      const std::lock_guard lock(mutex);
      if (++wrong <= 3) fmt::print("{}\n", text);
    }
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < total.hold.size(); ++i) {
      total.hold[i] += tally.hold[i];
      total.fail[i] += tally.fail[i];
    }
    total.orders += tally.orders;
    total.cores += tally.cores;
  };
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> pool;
    for (unsigned i = 1; i <= threads; ++i) pool.emplace_back(run, i, threads);
  }
  fmt::print("{:<52} {:>7} sequential, {:>7} causal, {:>7} orders replayed, {:>7} cores refused\n", family.name,
             total.hold[static_cast<std::size_t>(fracas::checker::weak::Level::sequential)],
             total.hold[static_cast<std::size_t>(fracas::checker::weak::Level::weak_causal)], total.orders,
             total.cores);
  std::fflush(stdout);
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::uint64_t each = (wanted + std::size(kRegisterFamilies) - 1) / std::size(kRegisterFamilies);
  std::mutex mutex;
  std::uint64_t wrong = 0;
  for (const RegisterFamily& family : kRegisterFamilies) {
    RegisterTally total;
    const auto run = [&](std::uint64_t first, std::uint64_t step) {
      RegisterTally tally;
      for (std::uint64_t seed = first; seed <= each; seed += step) {
        const std::string text = Agreement(family, seed).disagreement(tally);
        if (text.empty()) continue;
        const std::lock_guard lock(mutex);
        if (++wrong <= 10) fmt::print("{}\n", text);
      }
      const std::lock_guard lock(mutex);
      total.linearizable += tally.linearizable;
      total.violated += tally.violated;
      total.witnesses += tally.witnesses;
      total.cores += tally.cores;
    };
    const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    {
      std::vector<std::jthread> pool;
      for (unsigned i = 1; i <= threads; ++i) pool.emplace_back(run, i, threads);
    }
    fmt::print("{:<52} {:>7} linearizable, {:>7} not, {:>7} orders replayed, {:>7} cores refused\n", family.name,
               total.linearizable, total.violated, total.witnesses, total.cores);
    std::fflush(stdout);
  }
  RegisterTally tally;
  const std::uint64_t longer = wanted / 20;
  for (std::uint64_t seed = 1; seed <= longer; ++seed)
    if (const std::string text = long_disagreement(seed, tally); !text.empty() && ++wrong <= 10)
      fmt::print("{}\n", text);
  fmt::print("{} histories of 90 operations: {} linearizable, {} not, {} of them refuted by a few operations\n", longer,
             tally.linearizable, tally.violated, tally.cores);
  StreamTally streamed;
  const std::uint64_t streams = wanted / 5;
  for (std::uint64_t seed = 1; seed <= streams; ++seed)
    if (const std::string text = stream_disagreement(seed, streamed); !text.empty() && ++wrong <= 10)
      fmt::print("{}\n", text);
  fmt::print("{} histories judged while they grow: {} linearizable, {} not, {} of them proven from the last stretch\n",
             streams, streamed.passed, streamed.violated, streamed.proven);
  const std::uint64_t each_memory = (wanted + std::size(kMemoryFamilies) - 1) / std::size(kMemoryFamilies);
  for (const MemoryFamily& family : kMemoryFamilies) wrong += soak_levels(family, each_memory);
  fmt::print("{} histories, {} disagreements\n",
             each * std::size(kRegisterFamilies) + each_memory * std::size(kMemoryFamilies), wrong);
  return wrong == 0 ? 0 : 1;
}
