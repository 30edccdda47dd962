#include "tests/catch/catch.h"
#include "tests/unit/checker/engines_agree.h"

namespace fracas::checker::tests {

TEST_CASE(
    "linearizability: every engine agrees with trying all orders on thousands of small histories; its orders replay, "
    "and "
    "its cores stay refused alone",
    "[unit][checker]") {
  for (const RegisterFamily& family : kRegisterFamilies) {
    RegisterTally tally;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
      const std::string wrong = Agreement(family, seed).disagreement(tally);
      INFO(wrong);
      REQUIRE(wrong.empty());
    }
    INFO(family.name << ": " << tally.linearizable << " linearizable, " << tally.violated << " not");
    CHECK(tally.linearizable > 50);
    CHECK(tally.violated > 50);
    CHECK(tally.witnesses >= 3 * tally.linearizable);
    CHECK((family.options.lists || tally.cores == tally.violated));
  }
}

TEST_CASE("linearizability: what the search refutes by a few operations, it refutes altogether", "[unit][checker]") {
  RegisterTally tally;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string wrong = long_disagreement(seed, tally);
    INFO(wrong);
    REQUIRE(wrong.empty());
  }
  CHECK(tally.linearizable > 100);
  CHECK(tally.violated > 100);
  CHECK(tally.cores > 0);
}

TEST_CASE("explain: what is left of longer histories after shrinking is a violation by itself", "[unit][checker]") {
  const RegisterFamily families[] = {
      {"cas", {.cas = true, .clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.3}},
      {"writes", {.clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.3}},
      {"mismatches",
       {.cas = true, .mismatch = true, .clients = 3, .operations = 12, .values = 2, .info = 0.1, .falsify = 0.2}},
      {"unique", {.unique = true, .clients = 4, .operations = 12, .falsify = 0.2}},
  };
  RegisterTally tally;
  for (const RegisterFamily& family : families)
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      const std::string wrong = Agreement(family, seed).disagreement(tally);
      INFO(wrong);
      REQUIRE(wrong.empty());
    }
  CHECK(tally.cores > 200);
}

}  // namespace fracas::checker::tests
