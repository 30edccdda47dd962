#pragma once
#include <optional>
#include <string>
#include <vector>

#include "checker/weak/decide.h"

namespace fracas::checker::weak {

// What is asked of some operations: reads and writes, of one key or of several.
struct Question {
  const History& history;
  std::span<const std::uint32_t> operations;  // indexes into History::operations
  std::optional<Value> initial;               // what keys hold at first; nothing: a value that no operation names
  const Budget& budget;
  std::uint64_t choices_max = 100'000;  // of the writes that reads saw, where values were written more than once
};

// A level that fails by itself, not because a weaker one does.
struct Failure {
  Level level = Level::sequential;
  std::vector<std::uint32_t> operations;  // that alone break it, as far as is known without trying to leave some out
};

struct Judgement {
  Answers answers;
  std::string reason;                // why a level is undecided
  bool ambiguous = false;            // some value that was read had been written more than once
  std::vector<Failure> failures;     // the weaker levels first; none for linearizable
  std::vector<std::uint32_t> order;  // of operations: explains them, if they are sequential and a witness was asked for
  std::uint64_t explored = 0;
};

// All levels. Where values were written more than once, a level holds if it does for some choice of the writes that
// reads saw; of too many choices, some are tried, and `no` is then unknown. ERRORS: those of draft_of().
Result<Judgement> judge(const Question& question);

// One level below linearizable, of few operations: no more than that. A draft with a phantom breaks every level.
LevelDecision judge_level(const Question& question, const Draft& draft, Level level);

}  // namespace fracas::checker::weak
