#include <fmt/format.h>

#include "checker/explain/minimize.h"
#include "checker/history/history_builder.h"
#include "checker/linearizability/key.h"
#include "checker/linearizability/search.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/brute_force.h"
#include "tests/unit/checker/event_writer.h"
#include "tests/unit/checker/random_history.h"

namespace fracas::checker::tests {
namespace {

struct Tally {
  int linearizable = 0, violated = 0;
};

std::string text(const std::vector<model::Event>& events) {
  std::string lines;
  for (const auto& event : events) lines += model::to_json_line(event) + "\n";
  return lines;
}

std::vector<checker::Value> start(bool list) {
  return list ? std::vector<checker::Value>{} : std::vector<checker::Value>{checker::Value{}};
}

// Compares the portfolio, and the search by itself, with every order tried.
void compare(const RandomHistoryOptions& options, std::uint64_t seed, Tally& tally) {
  const auto events = RandomHistory(options, RandomStream(seed, "history")).make();
  const auto history = history_of(events);
  REQUIRE(history);
  const Partition keys = Partition::by_key(*history);
  REQUIRE(keys.size() == 1);
  const bool expected = BruteForce(*history, keys[0], options.mismatch).linearizable(start(options.lists));
  ++(expected ? tally.linearizable : tally.violated);
  const KeyRules rules{
      .reg = {.cas = options.cas, .fail = options.mismatch ? FailMeans::mismatch : FailMeans::did_not_happen},
      .list = options.lists};
  const auto finding = decide_key(*history, keys[0], rules, {});
  REQUIRE(finding);
  const auto problem =
      options.lists ? compile_lists(*history, keys[0]) : compile_register(*history, keys[0], rules.reg);
  REQUIRE(problem);
  const Finding searched = search(*problem, {});
  const auto wanted = expected ? Linearizable::yes : Linearizable::no;
  if (finding->linearizable == wanted && searched.linearizable == wanted) return;
  FAIL(fmt::format("seed {}: expected {}, portfolio {}, search {}\n{}", seed, expected,
                   static_cast<int>(finding->linearizable), static_cast<int>(searched.linearizable), text(events)));
}

struct Family {
  const char* name;
  RandomHistoryOptions options;
  std::uint64_t histories;
};

}  // namespace

TEST_CASE("linearizability: every engine agrees with trying all orders on thousands of small histories",
          "[unit][checker]") {
  const Family families[] = {
      {"register", {}, 3000},
      {"register, unknown outcomes", {.info = 0.4}, 3000},
      {"register, unique values", {.unique = true, .info = 0.3}, 3000},
      {"register, unique values, many clients", {.unique = true, .clients = 5, .operations = 8, .falsify = 0.3}, 1000},
      {"register, two values, many clients", {.clients = 6, .operations = 8, .values = 2, .falsify = 0.3}, 1000},
      {"cas-register", {.cas = true}, 3000},
      {"cas-register, unknown outcomes", {.cas = true, .operations = 8, .values = 2, .info = 0.4}, 2000},
      {"cas-register, unique values", {.cas = true, .unique = true, .clients = 4, .info = 0.3}, 2000},
      {"cas-register, failures saw a mismatch", {.cas = true, .mismatch = true, .info = 0.2}, 3000},
      {"cas-register, failures saw a mismatch, many clients",
       {.cas = true, .mismatch = true, .clients = 5, .operations = 8, .values = 2, .info = 0.3},
       2000},
      {"list-append", {.lists = true, .unique = true}, 3000},
      {"list-append, unknown outcomes", {.lists = true, .unique = true, .clients = 4, .info = 0.4}, 2000},
      {"list-append, repeated elements", {.lists = true, .info = 0.3}, 3000},
  };
  for (const Family& family : families) {
    Tally tally;
    for (std::uint64_t seed = 1; seed <= family.histories; ++seed) {
      INFO(family.name);
      compare(family.options, seed, tally);
    }
    INFO(family.name << ": " << tally.linearizable << " linearizable, " << tally.violated << " not");
    CHECK(tally.linearizable > 50);
    CHECK(tally.violated > 50);
  }
}

TEST_CASE("explain: what is left after shrinking is a violation by itself, whatever came before", "[unit][checker]") {
  const RandomHistoryOptions families[] = {
      {.cas = true, .clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.3},
      {.clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.3},
      {.cas = true, .mismatch = true, .clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.2},
      {.unique = true, .clients = 4, .operations = 12, .falsify = 0.2},
  };
  int shrunk = 0;
  for (const auto& options : families)
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      const auto events = RandomHistory(options, RandomStream(seed, "shrink")).make();
      const auto history = history_of(events);
      REQUIRE(history);
      const FailMeans fail = options.mismatch ? FailMeans::mismatch : FailMeans::did_not_happen;
      const auto problem = compile_register(*history, Partition::by_key(*history)[0], {.cas = true, .fail = fail});
      REQUIRE(problem);
      const Finding finding = decide_register(*problem, {});
      if (finding.linearizable != Linearizable::no) continue;
      ++shrunk;
      const Minimal minimal = minimize(*problem, finding);
      std::vector<std::uint32_t> left;
      for (const std::uint32_t call : minimal.calls) left.push_back(problem->calls[call].operation);
      INFO("seed " << seed << (minimal.any_start ? ", any start" : "") << "\n" << text(events));
      CHECK_FALSE(left.empty());
      CHECK_FALSE(BruteForce(*history, left, options.mismatch).linearizable(start(false)));
      for (std::int64_t held = 1; minimal.any_start && held <= 3; ++held)
        CHECK_FALSE(BruteForce(*history, left, options.mismatch).linearizable({checker::Value::of(held)}));
    }
  CHECK(shrunk > 200);
}

}  // namespace fracas::checker::tests
