#include "checker/weak/levels.h"

#include <algorithm>
#include <utility>

namespace fracas::checker::weak {
namespace {

constexpr std::array<std::string_view, kLevels> kNames{
    "read-your-writes", "monotonic-reads",    "monotonic-writes", "writes-follow-reads", "pram",
    "weak-causal",      "causal-convergence", "causal-memory",    "sequential",          "linearizable"};

// Each level, and one that it implies directly.
constexpr std::pair<Level, Level> kImplied[] = {
    {Level::pram, Level::read_your_writes},          {Level::pram, Level::monotonic_reads},
    {Level::pram, Level::monotonic_writes},          {Level::weak_causal, Level::read_your_writes},
    {Level::weak_causal, Level::monotonic_writes},   {Level::weak_causal, Level::writes_follow_reads},
    {Level::causal_convergence, Level::weak_causal}, {Level::causal_convergence, Level::monotonic_reads},
    {Level::causal_memory, Level::weak_causal},      {Level::causal_memory, Level::pram},
    {Level::sequential, Level::causal_convergence},  {Level::sequential, Level::causal_memory},
    {Level::linearizable, Level::sequential},
};

Level at(std::size_t index) {
  return static_cast<Level>(index);
}

}  // namespace

std::string_view name(Level level) {
  return kNames[static_cast<std::size_t>(level)];
}

std::optional<Level> level_of(std::string_view name) {
  if (name == "causal") return Level::causal_convergence;
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return at(static_cast<std::size_t>(found - kNames.begin()));
}

bool implies(Level strong, Level weak) {
  if (strong == weak) return true;
  return std::any_of(std::begin(kImplied), std::end(kImplied),
                     [&](const auto& pair) { return pair.first == strong && implies(pair.second, weak); });
}

void learn(Answers& answers, Level level, Linearizable answer) {
  answers[static_cast<std::size_t>(level)] = answer;
  for (std::size_t i = 0; i < kLevels; ++i) {
    if (answer == Linearizable::yes && implies(level, at(i))) answers[i] = answer;
    if (answer == Linearizable::no && implies(at(i), level)) answers[i] = answer;
  }
}

LevelNames summarise(const Answers& answers) {
  LevelNames names;
  const auto is = [&](std::size_t i, Linearizable answer) { return answers[i] == answer; };
  for (std::size_t i = 0; i < kLevels; ++i) {
    bool strongest = is(i, Linearizable::yes), weakest = is(i, Linearizable::no);
    for (std::size_t other = 0; other < kLevels; ++other) {
      if (other == i) continue;
      if (implies(at(other), at(i)) && is(other, Linearizable::yes)) strongest = false;
      if (implies(at(i), at(other)) && is(other, Linearizable::no)) weakest = false;
    }
    if (strongest) names.holds.push_back(kNames[i]);
    if (weakest) names.fails.push_back(kNames[i]);
    if (is(i, Linearizable::unknown)) names.open.push_back(kNames[i]);
  }
  return names;
}

}  // namespace fracas::checker::weak
