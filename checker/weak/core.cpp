#include "checker/weak/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checker/explain/counterexample.h"
#include "checker/explain/halving.h"
#include "checker/explain/text.h"
#include "checker/weak/guarantees.h"

namespace fracas::checker::weak {
namespace {

constexpr std::uint64_t kProbeConfigurations = 20'000;  // a probe that needs more counts as "no violation"
constexpr std::uint64_t kProbeChoices = 200;            // so do more choices of who read which
constexpr std::size_t kEffort = 3'000'000;              // operations in all probes together, about
constexpr std::size_t kShownMax = 40;                   // operations; of more, only the last are shown

using Operations = std::vector<std::uint32_t>;

class Shrinking {
 public:
  Shrinking(const Question& question, Level level) : question_(question), level_(level) {
    budget_.configurations_per_key = kProbeConfigurations;
    budget_.bytes_per_key = question.budget.bytes_per_key;
    budget_.give_up = question.budget.give_up;
  }

  Operations run(Operations operations) {
    std::sort(operations.begin(), operations.end());
    operations.erase(std::unique(operations.begin(), operations.end()), operations.end());
    if (!broken(operations)) operations.assign(question_.operations.begin(), question_.operations.end());
    shrink_by_halves(
        operations.size(), [&](std::size_t chunk) { return leave_out(operations, chunk); },
        [&] { return effort_ >= kEffort; });
    return operations;
  }

 private:
  bool leave_out(Operations& operations, std::size_t chunk) {
    bool smaller = false;
    for (std::size_t begin = 0; begin < operations.size() && effort_ < kEffort;) {
      Operations rest = without(operations, begin, std::min(begin + chunk, operations.size()));
      if (!rest.empty() && broken(rest)) {
        operations = std::move(rest);
        smaller = true;
      } else {
        begin += chunk;
      }
    }
    return smaller;
  }

  Operations without(const Operations& operations, std::size_t begin, std::size_t end) const {
    std::set<std::pair<Value, Value>> gone;
    for (std::size_t i = begin; i < end; ++i) {
      const Operation& operation = question_.history.operations[operations[i]];
      if (operation.function == Function::write) gone.emplace(operation.key, operation.argument);
    }
    Operations rest;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const Operation& operation = question_.history.operations[operations[i]];
      const bool orphan = operation.function == Function::read && gone.contains({operation.key, operation.result});
      if ((i < begin || i >= end) && !orphan) rest.push_back(operations[i]);
    }
    return rest;
  }

  bool broken(const Operations& operations) {
    effort_ += operations.size() + 20;
    const auto draft = draft_of(question_.history, operations, question_.initial);
    const Question part{question_.history, operations, question_.initial, budget_, kProbeChoices};
    return draft && judge_level(part, *draft, level_).answer == Linearizable::no;
  }

  const Question& question_;
  Level level_;
  Budget budget_;
  std::size_t effort_ = 0;
};

std::string_view label(Why why) {
  switch (why) {
    case Why::session:
      return "session";
    case Why::read:
      return "read";
    case Why::overwritten:
      return "overwritten";
    case Why::replaced:
      break;
  }
  return "replaced";
}

std::string describe_link(const History& history, const Draft& draft, const Link& link) {
  const auto text = [&](std::uint32_t access) { return describe_access(history, draft.all[access]); };
  const auto client = [&](std::uint32_t access) {
    return history.processes[history.operations[draft.all[access].operation].process];
  };
  switch (link.why) {
    case Why::session:
      return fmt::format("{} did one after the other", client(link.to));
    case Why::read:
      return fmt::format("{} saw {}", text(link.to), text(link.from));
    case Why::overwritten:
      return fmt::format("{} had come before {}, which saw {}: so it was overwritten", text(link.from),
                         text(link.reader), text(link.to));
    case Why::replaced:
      break;
  }
  return fmt::format("{} does not see {}, which replaces what it saw", text(link.from), text(link.to));
}

// "x" in "read x 3": the key belongs to what is said where there are several.
void add_keys(const History& history, const Operations& operations, Counterexample& example) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Value key = history.operations[operations[i]].key;
    if (!key.is_nil()) example.operations[i].function += ' ' + key_text(history, key);
  }
  example.key.clear();
}

bool several_keys(const History& history, const Operations& operations) {
  return std::any_of(operations.begin(), operations.end(), [&](std::uint32_t index) {
    return !(history.operations[index].key == history.operations[operations.front()].key);
  });
}

// The accesses of the circle in its order, and then the others.
Operations circle_first(const std::vector<Link>& circle, std::size_t accesses) {
  Operations order;
  for (const Link& link : circle) order.push_back(link.from);
  for (std::uint32_t i = 0; i < accesses; ++i)
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  return order;
}

// The circle, as places in the proof, whose operations are accesses in this order.
void add_circle(const History& history, const Draft& draft, const std::vector<Link>& circle, const Operations& order,
                Counterexample& example) {
  const auto place = [&](std::uint32_t access) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), access) - order.begin());
  };
  for (const Link& link : circle)
    example.cycle.push_back(
        {place(link.from), place(link.to), std::string(label(link.why)), describe_link(history, draft, link)});
}

}  // namespace

std::vector<std::uint32_t> smallest_core(const Question& question, const Failure& failure) {
  return Shrinking(question, failure.level).run(failure.operations);
}

Counterexample explain(const Question& question, const Failure& failure, Level asked,
                       std::span<const model::FaultWindow> faults) {
  Operations core = smallest_core(question, failure);
  const auto draft = draft_of(question.history, core, question.initial);
  LevelDecision decision;
  if (draft) decision = judge_level({question.history, core, question.initial, question.budget}, *draft, failure.level);
  std::string sentence = decision.sentence;
  if (failure.level != asked && draft && draft->phantom == kNone)
    sentence = fmt::format("not even {}: {}", name(failure.level), sentence);
  const bool circle = !decision.circle.empty() && core.size() <= kShownMax && draft->all.size() == core.size();
  Operations order;  // of accesses, which are the core's operations where there is a circle
  if (circle) {
    order = circle_first(decision.circle, core.size());
    for (std::size_t i = 0; i < order.size(); ++i) core[i] = draft->all[order[i]].operation;
  } else if (core.size() > kShownMax) {
    sentence += fmt::format(" (the last {} of {} operations are shown)", kShownMax, core.size());
    core.erase(core.begin(), core.end() - kShownMax);
  }
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : core) shown.push_back(&question.history.operations[index]);
  Counterexample example = exhibit(question.history, shown, std::move(sentence), faults);
  if (circle) add_circle(question.history, *draft, decision.circle, order, example);
  if (several_keys(question.history, core)) add_keys(question.history, core, example);
  return example;
}

}  // namespace fracas::checker::weak
