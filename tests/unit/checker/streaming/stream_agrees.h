#pragma once
#include <fmt/format.h>

#include <string>

#include "checker/streaming/stream.h"
#include "tests/unit/checker/engines_agree.h"

// A stream against a check of the whole history, on random histories; the unit tests run thousands, the soak a million.
namespace fracas::checker::tests {

struct Streamed {
  Verdict verdict = Verdict::pass;
  std::size_t bytes_max = 0;
  std::optional<CheckResult> violation;
};

// `catch_up` in a hundred: how often all is looked at between two events.
inline Streamed stream(const std::vector<model::Event>& events, StreamOptions options, std::uint64_t seed,
                       std::uint64_t catch_up) {
  Stream stream(std::move(options));
  RandomStream random(seed, "stream");
  Streamed result;
  for (const model::Event& event : events) {
    const auto added = stream.add(stream_event(event, stream.values()));
    if (!added) fmt::print("refused: {}\n", added.error().message);
    if (random.below(100) < catch_up) stream.catch_up();
    result.bytes_max = std::max(result.bytes_max, stream.bytes());
  }
  stream.finish();
  result.verdict = stream.verdict();
  result.violation = stream.violation();
  return result;
}

struct StreamTally {
  std::uint64_t passed = 0, violated = 0, proven = 0;
};

// One random history, longer than brute force can judge, in stretches of 1 to 8 operations; empty where all is well.
inline std::string stream_disagreement(std::uint64_t seed, StreamTally& tally) {
  RandomHistoryOptions options{.cas = seed % 3 != 0, .mismatch = seed % 6 >= 4, .unique = seed % 5 == 0};
  options.clients = 2 + seed % 5;
  options.operations = 8 + seed % 60;
  options.values = 2 + static_cast<std::int64_t>(seed % 3);
  options.info = seed % 4 == 0 ? 0.3 : seed % 4 == 1 ? 0.05 : 0;
  options.falsify = seed % 7 == 0 ? 0 : 0.02;
  const auto events = RandomHistory(options, RandomStream(seed, "stream")).make();
  const History history = *history_of(events);
  const FailMeans fail = options.mismatch ? FailMeans::mismatch : FailMeans::did_not_happen;
  const KeyRules rules{.reg = {.cas = options.cas, .fail = fail}};
  const Partition whole = Partition::whole(history);
  if (whole.size() == 0) return {};
  const auto expected = decide_key(history, whole[0], rules, {});
  const Streamed got = stream(events, {.cas = options.cas, .fail = fail, .stretch = 1 + seed % 8}, seed, seed % 2 * 20);
  const bool violated = expected->linearizable == Linearizable::no;
  ++(violated ? tally.violated : tally.passed);
  if (got.violation && !got.violation->counterexample->dead_ends.empty()) ++tally.proven;
  if (got.verdict == (violated ? Verdict::violated : Verdict::pass) && got.violation.has_value() == violated) return {};
  return fmt::format("stream, seed {}: {}, not {}\n{}", seed, name(got.verdict), violated ? "violated" : "pass",
                     lines_of(events));
}

}  // namespace fracas::checker::tests
