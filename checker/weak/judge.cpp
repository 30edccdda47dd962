#include "checker/weak/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "checker/linearizability/key.h"
#include "checker/weak/guarantees.h"

namespace fracas::checker::weak {
namespace {

constexpr std::uint64_t kProbeConfigurations = 200'000;  // of the question whether all levels hold at once
constexpr std::uint64_t kChoicesMax = 100'000;           // of which writes reads saw
constexpr std::uint64_t kChoiceEffort = 2'000'000;       // accesses looked at in all choices, about

// One choice after the other, the likeliest first.
class Choices {
 public:
  Choices(const Draft& draft, std::uint64_t most) : draft_(draft), most_(most), chosen_(draft.all.size(), 0) {
    for (std::uint32_t i = 0; i < draft.all.size(); ++i)
      if (draft.candidates_of(i).size() > 1) free_.push_back(i);
  }
  const std::vector<std::uint32_t>& chosen() const { return chosen_; }
  // False: all have been.
  bool next() {
    if (++count_ >= most_ || count_ * draft_.all.size() > kChoiceEffort) cut_ = true;
    if (cut_) return false;
    for (const std::uint32_t read : free_) {
      if (++chosen_[read] < draft_.candidates_of(read).size()) return true;
      chosen_[read] = 0;
    }
    return false;
  }
  bool cut() const { return cut_; }
  std::uint64_t count() const { return count_; }

 private:
  const Draft& draft_;
  std::uint64_t most_;
  std::vector<std::uint32_t> chosen_, free_;
  std::uint64_t count_ = 0;
  bool cut_ = false;
};

LevelDecision refuse_phantom(const History& history, const Draft& draft) {
  LevelDecision decision;
  decision.answer = Linearizable::no;
  decision.sentence =
      fmt::format("{} is a value that nobody wrote", describe_access(history, draft.all[draft.phantom]));
  decision.accesses = {draft.phantom};
  return decision;
}

Linearizable linearizable(const Question& question) {
  Budget budget = question.budget;
  budget.configurations_per_key = std::min(budget.configurations_per_key, kProbeConfigurations);
  budget.witness = false;
  std::vector<std::uint32_t> operations(question.operations.begin(), question.operations.end());
  std::stable_sort(operations.begin(), operations.end(), [&](std::uint32_t a, std::uint32_t b) {
    return question.history.operations[a].key < question.history.operations[b].key;
  });
  const KeyRules rules{.reg = {.initial = question.initial}};
  Linearizable all = Linearizable::yes;
  for (auto begin = operations.begin(); begin != operations.end();) {
    const Value key = question.history.operations[*begin].key;
    const auto end = std::find_if(begin, operations.end(),
                                  [&](std::uint32_t i) { return !(question.history.operations[i].key == key); });
    const auto found = decide_key(question.history, std::span(begin, end), rules, budget);
    if (!found || found->linearizable == Linearizable::unknown) all = Linearizable::unknown;
    if (found && found->linearizable == Linearizable::no) return Linearizable::no;
    begin = end;
  }
  return all;
}

class Judge {
 public:
  Judge(const Question& question, const Draft& draft) : question_(question), draft_(draft) {}

  Judgement run() {
    const Linearizable real = draft_.phantom == kNone ? linearizable(question_) : Linearizable::no;
    if (real != Linearizable::unknown) learn(judgement_.answers, Level::linearizable, real);
    if (draft_.phantom != kNone) {
      for (std::size_t i = 0; i < kLevels; ++i) {
        judgement_.answers[i] = Linearizable::no;
        fail(static_cast<Level>(i), {draft_.phantom});
      }
      return std::move(judgement_);
    }
    // From the weakest up: what they rule out need not be looked at.
    for (std::size_t i = 0; i + 1 < kLevels; ++i)
      if (const auto level = static_cast<Level>(i); !judgement_.answers[i] || wants_order(level)) ask(level);
    if (!judgement_.answers[kLevels - 1]) judgement_.answers[kLevels - 1] = Linearizable::unknown;
    return std::move(judgement_);
  }

 private:
  bool wants_order(Level level) const {
    return question_.budget.witness && level == Level::sequential &&
           judgement_.answers[static_cast<std::size_t>(level)] != Linearizable::no;
  }

  void ask(Level level) {
    const LevelDecision decision = judge_level(question_, draft_, level);
    judgement_.explored += decision.explored;
    if (judgement_.answers[static_cast<std::size_t>(level)] != Linearizable::yes)
      learn(judgement_.answers, level, decision.answer);
    if (decision.answer == Linearizable::unknown && judgement_.reason.empty()) judgement_.reason = decision.reason;
    if (decision.answer == Linearizable::no) fail(level, decision.accesses);
    for (const std::uint32_t access : decision.order) judgement_.order.push_back(draft_.all[access].operation);
  }

  // `accesses` of the draft; none: all.
  void fail(Level level, const std::vector<std::uint32_t>& accesses) {
    Failure failure{level, {}};
    for (const std::uint32_t access : accesses) failure.operations.push_back(draft_.all[access].operation);
    if (accesses.empty()) failure.operations.assign(question_.operations.begin(), question_.operations.end());
    judgement_.failures.push_back(std::move(failure));
  }

  const Question& question_;
  const Draft& draft_;
  Judgement judgement_;
};

// From a memory's numbers to the draft's.
void renumber(LevelDecision& decision, const Draft& draft, const Memory& memory) {
  const auto of = [&](std::uint32_t access) {
    const auto found =
        std::lower_bound(draft.all.begin(), draft.all.end(), memory.all[access].operation,
                         [](const Access& a, std::uint32_t operation) { return a.operation < operation; });
    return static_cast<std::uint32_t>(found - draft.all.begin());
  };
  for (std::uint32_t& access : decision.accesses) access = of(access);
  for (std::uint32_t& access : decision.order) access = of(access);
  for (Link& link : decision.circle) {
    link.from = of(link.from);
    link.to = of(link.to);
    if (link.reader != kNone) link.reader = of(link.reader);
  }
}

}  // namespace

LevelDecision judge_level(const Question& question, const Draft& draft, Level level) {
  if (draft.phantom != kNone) return refuse_phantom(question.history, draft);
  Choices choices(draft, question.choices_max);
  LevelDecision last;
  bool unknown = false;
  do {
    const Memory memory = settle(draft, choices.chosen());
    last = decide(question.history, memory, level, question.budget);
    renumber(last, draft, memory);
    if (last.answer == Linearizable::yes) return last;
    unknown = unknown || last.answer == Linearizable::unknown;
    if (question.budget.give_up && question.budget.give_up()) break;
  } while (choices.next());
  if (!draft.ambiguous) return last;
  last = {unknown || choices.cut() ? Linearizable::unknown : Linearizable::no, {}, {}, {}, {}, {}, last.explored};
  last.reason = fmt::format("values were written more than once, and no choice of who read which was found among {}",
                            choices.count());
  last.sentence = "whichever of the equal writes each read saw, they contradict each other";
  return last;
}

Result<Judgement> judge(const Question& question) {
  const auto draft = draft_of(question.history, question.operations, question.initial);
  if (!draft) return failure(draft.error());
  Judgement judgement = Judge(question, *draft).run();
  judgement.ambiguous = draft->ambiguous;
  return judgement;
}

}  // namespace fracas::checker::weak
