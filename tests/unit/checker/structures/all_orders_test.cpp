#include "tests/unit/checker/structures/all_orders.h"

#include <fmt/format.h>

#include <cstdlib>

#include "tests/catch/catch.h"
#include "tests/unit/checker/structures/cross_check.h"

using namespace fracas;
using namespace fracas::checker;
using namespace fracas::checker::tests;

namespace {

// Histories of each family; the soak asks for more.
std::uint64_t seeds() {
  const char* asked = std::getenv("FRACAS_RANDOM_HISTORIES");
  return asked == nullptr ? 1000 : std::strtoull(asked, nullptr, 10);
}

}  // namespace

TEST_CASE("structures: every model agrees with trying all orders on thousands of small histories", "[unit][checker]") {
  for (const Family& family : kFamilies) {
    CAPTURE(family.name);
    Tally tally;
    std::string wrong;
    for (std::uint64_t seed = 0; seed < seeds() && wrong.empty(); ++seed) wrong = cross_check(family, seed, tally);
    CHECK(wrong == "");
    CHECK(tally.linearizable * 10 > seeds());
    CHECK(tally.violated * 15 > seeds());
    CHECK(tally.undecided * 15 < seeds());
  }
}
