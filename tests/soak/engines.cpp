// Every engine of the checker against every order tried, on random small histories of registers and lists: verdicts,
// orders and minimal cores.   soak_engines [HISTORIES]     (default: a million)
#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/unit/checker/engines_agree.h"
#include "tests/unit/checker/streaming/stream_agrees.h"

using namespace fracas::checker::tests;

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
  fmt::print("{} histories, {} disagreements\n", each * std::size(kRegisterFamilies), wrong);
  return wrong == 0 ? 0 : 1;
}
