#pragma once
#include <fmt/format.h>

#include <array>
#include <numeric>
#include <string>

#include "checker/weak/core.h"
#include "tests/unit/checker/weak/every_memory.h"
#include "tests/unit/checker/weak/random_memory.h"

// Every level below linearizability against its definition; the unit tests run thousands of histories, the soak a
// million.
namespace fracas::checker::tests {

struct MemoryFamily {
  const char* name;
  RandomMemoryOptions options;
};

inline constexpr MemoryFamily kMemoryFamilies[] = {
    {"registers", {}},
    {"registers, one key", {.keys = 1}},
    {"registers, unknown outcomes", {.info = 0.4}},
    {"registers, many clients", {.clients = 4, .operations = 8, .info = 0.05}},
    {"registers, fresh news", {.operations = 8, .info = 0.05, .news = 0.75, .wild = 0.03}},
    {"registers, two clients, three keys", {.clients = 2, .keys = 3, .operations = 8, .wild = 0.2}},
    {"registers, repeated values", {.operations = 6, .values = 2}},
};

struct MemoryTally {
  std::array<std::uint64_t, weak::kLevels> hold{}, fail{};
  std::uint64_t orders = 0, cores = 0;
};

class MemoryAgreement {
 public:
  MemoryAgreement(const MemoryFamily& family, std::uint64_t seed)
      : family_(family),
        seed_(seed),
        history_(RandomMemory(family.options, RandomStream(seed, "memory")).make()),
        operations_(history_.operations.size()) {
    std::iota(operations_.begin(), operations_.end(), 0U);
    budget_.witness = true;
  }

  // What is wrong; empty where nothing is.
  std::string disagreement(MemoryTally& tally) {
    const weak::Question question{history_, operations_, checker::Value{}, budget_};
    const auto judged = weak::judge(question);
    if (!judged) return judged.error().message;
    std::string wrong;
    for (std::size_t i = 0; i + 1 < weak::kLevels && wrong.empty(); ++i) {
      const auto level = static_cast<weak::Level>(i);
      const bool expected = EveryMemory(history_, operations_).holds(level);
      ++(expected ? tally.hold : tally.fail)[i];
      if (judged->answers[i] != (expected ? Linearizable::yes : Linearizable::no))
        wrong = fmt::format("{} {}, but that is not what was said", weak::name(level), expected ? "holds" : "fails");
    }
    const bool sequential = judged->answers[static_cast<std::size_t>(weak::Level::sequential)] == Linearizable::yes;
    if (wrong.empty() && sequential) wrong = order(judged->order, tally);
    for (std::size_t i = 0; i < judged->failures.size() && wrong.empty(); ++i)
      wrong = core(question, judged->failures[i], tally);
    return wrong.empty() ? wrong : fmt::format("{}, seed {}: {}\n{}", family_.name, seed_, wrong, text());
  }

 private:
  std::string order(const std::vector<std::uint32_t>& order, MemoryTally& tally) const {
    ++tally.orders;
    if (EveryMemory(history_, operations_).explains(order)) return {};
    return fmt::format("the order {} explains nothing", fmt::join(order, " "));
  }

  std::string core(const weak::Question& question, const weak::Failure& failure, MemoryTally& tally) const {
    ++tally.cores;
    const auto few = weak::smallest_core(question, failure);
    if (!few.empty() && !EveryMemory(history_, few).holds(failure.level)) return {};
    return fmt::format("the operations {} alone do not break {}", fmt::join(few, " "), weak::name(failure.level));
  }

  std::string text() const {
    std::string all;
    for (const Operation& operation : history_.operations)
      all += fmt::format(
          "{} {} {} {}{}\n", history_.processes[operation.process], history_.functions.name(operation.function),
          history_.describe(operation.key),
          history_.describe(operation.function == checker::Function::read ? operation.result : operation.argument),
          operation.outcome == Outcome::ok ? "" : "?");
    return all;
  }

  const MemoryFamily& family_;
  std::uint64_t seed_;
  History history_;
  std::vector<std::uint32_t> operations_;
  Budget budget_;
};

}  // namespace fracas::checker::tests
