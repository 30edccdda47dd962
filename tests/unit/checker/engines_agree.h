#pragma once
#include <fmt/format.h>

#include <span>
#include <string>

#include "checker/explain/minimize.h"
#include "checker/history/history_builder.h"
#include "checker/linearizability/breadth_first.h"
#include "checker/linearizability/excerpt.h"
#include "checker/linearizability/key.h"
#include "checker/linearizability/model_problem.h"
#include "checker/linearizability/search.h"
#include "tests/unit/checker/brute_force.h"
#include "tests/unit/checker/plain_models.h"
#include "tests/unit/checker/random_history.h"
#include "tests/unit/checker/witness_replay.h"

// Every engine against every order tried; the unit tests run thousands of histories, the soak a million.
namespace fracas::checker::tests {

struct RegisterFamily {
  const char* name;
  RandomHistoryOptions options;
};

inline constexpr RegisterFamily kRegisterFamilies[] = {
    {"register", {}},
    {"register, unknown outcomes", {.info = 0.4}},
    {"register, unique values", {.unique = true, .info = 0.3}},
    {"register, unique values, many clients", {.unique = true, .clients = 5, .operations = 8, .falsify = 0.3}},
    {"register, two values, many clients", {.clients = 6, .operations = 8, .values = 2, .falsify = 0.3}},
    {"cas-register", {.cas = true}},
    {"cas-register, unknown outcomes", {.cas = true, .operations = 8, .values = 2, .info = 0.4}},
    {"cas-register, unique values", {.cas = true, .unique = true, .clients = 4, .info = 0.3}},
    {"cas-register, unique values, long", {.cas = true, .unique = true, .clients = 4, .operations = 9, .info = 0.1}},
    {"cas-register, failures saw a mismatch", {.cas = true, .mismatch = true, .info = 0.2}},
    {"cas-register, failures saw a mismatch, many clients",
     {.cas = true, .mismatch = true, .clients = 5, .operations = 8, .values = 2, .info = 0.3}},
    {"list-append", {.lists = true, .unique = true}},
    {"list-append, unknown outcomes", {.lists = true, .unique = true, .clients = 4, .info = 0.4}},
    {"list-append, repeated elements", {.lists = true, .info = 0.3}},
};

struct RegisterTally {
  std::uint64_t linearizable = 0, violated = 0, witnesses = 0, cores = 0;
};

inline std::string lines_of(const std::vector<model::Event>& events) {
  std::string lines;
  for (const auto& event : events) lines += model::to_json_line(event) + "\n";
  return lines;
}

// One random history, and what each engine says of it.
class Agreement {
 public:
  Agreement(const RegisterFamily& family, std::uint64_t seed)
      : family_(family),
        seed_(seed),
        options_(family.options),
        events_(RandomHistory(options_, RandomStream(seed, "history")).make()),
        history_(*history_of(events_)),
        whole_(Partition::whole(history_)),
        rules_{.reg = {.cas = options_.cas, .fail = fail()}, .list = options_.lists} {}

  // What is wrong; empty where nothing is.
  std::string disagreement(RegisterTally& tally) {
    if (whole_.size() == 0) return {};
    const bool expected = BruteForce(history_, whole_[0], options_.mismatch).linearizable(start());
    ++(expected ? tally.linearizable : tally.violated);
    Budget budget;
    budget.witness = true;
    auto problem =
        options_.lists ? compile_lists(history_, whole_[0]) : compile_register(history_, whole_[0], rules_.reg);
    std::string wrong =
        judge("the portfolio", *decide_key(history_, whole_[0], rules_, budget), nullptr, expected, tally);
    if (wrong.empty()) wrong = judge("the search", search(*problem, budget), &*problem, expected, tally);
    if (wrong.empty()) wrong = two_threads(*problem, expected);
    if (wrong.empty()) wrong = breadth_first(*problem, expected);
    if (wrong.empty()) wrong = models(budget, expected, tally);
    if (wrong.empty() && !expected && !options_.lists) wrong = core(*problem, tally);
    if (wrong.empty()) return {};
    return fmt::format("{}, seed {}: {}\n{}", family_.name, seed_, wrong, lines_of(events_));
  }

 private:
  FailMeans fail() const { return options_.mismatch ? FailMeans::mismatch : FailMeans::did_not_happen; }
  std::vector<checker::Value> start() const {
    return options_.lists ? std::vector<checker::Value>{} : std::vector<checker::Value>{checker::Value{}};
  }

  // The finding's witness are calls of `problem`, or operations where there is none.
  std::string judge(std::string_view engine, const Finding& finding, const Problem* problem, bool expected,
                    RegisterTally& tally) const {
    if (finding.linearizable != (expected ? Linearizable::yes : Linearizable::no))
      return fmt::format("{} says {}, not {}", engine, static_cast<int>(finding.linearizable), expected);
    if (!expected) return {};
    std::vector<std::uint32_t> order = finding.witness;
    if (problem != nullptr)
      for (std::uint32_t& call : order) call = problem->calls[call].operation;
    ++tally.witnesses;
    const std::string wrong = refute(history_, whole_[0], order, options_.lists, options_.mismatch);
    return wrong.empty() ? "" : fmt::format("{} gives the order {}: {}", engine, fmt::join(order, " "), wrong);
  }

  std::string breadth_first(const Problem& problem, bool expected) const {
    const auto timeline = build_timeline(problem, std::size_t{1} << 30U);
    if (timeline->returns() == 0) return {};
    const Linearizable answer = BreadthFirst(problem, *timeline).advance(10'000'000);
    return (answer == Linearizable::yes) == expected ? "" : "the breadth-first search disagrees";
  }

  std::string two_threads(const Problem& problem, bool expected) const {
    const Finding finding = search(problem, {.threads_per_key = 2});
    return finding.linearizable == (expected ? Linearizable::yes : Linearizable::no) ? "" : "two threads disagree";
  }

  std::string models(const Budget& budget, bool expected, RegisterTally& tally) const {
    const AnyModel model = options_.lists ? any_model(PlainList{&history_}) : any_model(PlainRegister{&history_});
    const ModelProblem compiled = compile_model(history_, whole_[0], model, fail());
    return judge("the search of a model", search(compiled.problem, budget), &compiled.problem, expected, tally);
  }

  // What is left after shrinking must be impossible by itself.
  std::string core(const Problem& problem, RegisterTally& tally) const {
    const Minimal minimal = minimize(problem, decide_register(problem, {}));
    std::vector<std::uint32_t> left;
    for (const std::uint32_t call : minimal.calls) left.push_back(problem.calls[call].operation);
    ++tally.cores;
    if (left.empty()) return "nothing is left of the violation";
    for (std::int64_t held = 0; held <= (minimal.any_start ? 3 : 0); ++held)
      if (BruteForce(history_, left, options_.mismatch)
              .linearizable({held == 0 ? checker::Value{} : checker::Value::of(held)}))
        return fmt::format("the operations {} are possible alone, from {}", fmt::join(left, " "), held);
    return {};
  }

  const RegisterFamily& family_;
  std::uint64_t seed_;
  RandomHistoryOptions options_;
  std::vector<model::Event> events_;
  History history_;
  Partition whole_;
  KeyRules rules_;
};

// A history too long to try every order: the search, with its windows, against the breadth-first search alone.
// Violations that a window refuted count as cores.
inline std::string long_disagreement(std::uint64_t seed, RegisterTally& tally) {
  RandomHistoryOptions options{.cas = seed % 3 != 0, .mismatch = seed % 3 == 2};
  options.clients = 3 + seed % 4;
  options.operations = 90;
  options.values = 2 + static_cast<std::int64_t>(seed % 2);
  options.info = seed % 5 == 0 ? 0.05 : 0;
  options.falsify = seed % 7 == 0 ? 0 : 0.02;
  const auto events = RandomHistory(options, RandomStream(seed, "long")).make();
  const History history = *history_of(events);
  const FailMeans fail = options.mismatch ? FailMeans::mismatch : FailMeans::did_not_happen;
  const auto problem = compile_register(history, Partition::whole(history)[0], {.cas = options.cas, .fail = fail});
  const auto timeline = build_timeline(*problem, std::size_t{1} << 30U);
  const bool expected = BreadthFirst(*problem, *timeline).advance(100'000'000) == Linearizable::yes;
  const Finding finding = search(*problem, {});
  if (search(*problem, {.threads_per_key = 2}).linearizable != finding.linearizable)
    return fmt::format("long, seed {}: two threads disagree with one\n{}", seed, lines_of(events));
  ++(expected ? tally.linearizable : tally.violated);
  if (finding.from_ns != Cut::kBeginning) ++tally.cores;
  if ((finding.linearizable == Linearizable::yes) == expected && finding.linearizable != Linearizable::unknown)
    return {};
  return fmt::format("long, seed {}: the search says {}, not {}\n{}", seed, static_cast<int>(finding.linearizable),
                     expected, lines_of(events));
}

}  // namespace fracas::checker::tests
