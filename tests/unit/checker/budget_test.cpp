#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "checker/linearizability/search.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/event_writer.h"
#include "tests/unit/checker/hard_problem.h"

using namespace fracas::checker;
using namespace fracas::checker::tests;

TEST_CASE("budget: the search holds at most the bytes it may, and uses most of them", "[unit][checker]") {
  const Problem problem = hard_problem();
  for (const std::size_t mib : {1U, 2U, 5U, 8U}) {
    const std::size_t most = mib << 20U;
    const Finding finding = search(problem, {.configurations_per_key = 1'000'000'000, .bytes_per_key = most});
    CAPTURE(mib, finding.bytes, finding.explored);
    CHECK(finding.linearizable == Linearizable::unknown);
    CHECK(finding.reason.find("memory budget") != std::string::npos);
    CHECK(finding.bytes <= most + most / 10);
    CHECK(finding.bytes >= most / 2);
  }
}

TEST_CASE("budget: the search ends at the configurations it may explore", "[unit][checker]") {
  const Finding finding = search(hard_problem(), {.configurations_per_key = 20'000});
  CHECK(finding.linearizable == Linearizable::unknown);
  CHECK(finding.explored >= 20'000);
  CHECK(finding.explored <= 22'000);
}

TEST_CASE("budget: two threads together keep to it, too", "[unit][checker]") {
  Budget budget{.configurations_per_key = 100'000, .threads_per_key = 2};
  const Finding moves = search(hard_problem(), budget);
  CHECK(moves.linearizable == Linearizable::unknown);
  CHECK(moves.explored >= 80'000);
  CHECK(moves.explored <= 110'000);
  budget = {.configurations_per_key = 1'000'000'000, .bytes_per_key = std::size_t{4} << 20U, .threads_per_key = 2};
  const Finding bytes = search(hard_problem(), budget);
  CHECK(bytes.linearizable == Linearizable::unknown);
  CHECK(bytes.bytes <= (std::size_t{4} << 20U) * 11 / 10);
}

TEST_CASE("budget: the search asks for the time often, and tells how far it came", "[unit][checker]") {
  int asked = 0;
  const Finding finding = search(hard_problem(), {.give_up = [&] { return ++asked == 10; }});
  CHECK(finding.linearizable == Linearizable::unknown);
  CHECK(finding.reason.starts_with("the time is up; there is an order for the first "));
  CHECK(finding.explored <= 10 * 1024);
}

TEST_CASE("budget: keys that nobody looked at when the time was up are undecided, and the others are judged",
          "[unit][checker]") {
  EventWriter history("first");
  history.write("a", 1).read("b", 2);
  for (int i = 0; i < 20; ++i) history.key("k" + std::to_string(i)).write("a", 1).read("b", 1);
  int asked = 0;
  Request request;
  request.budget.threads = 1;
  request.budget.give_up = [&] { return ++asked > 5; };
  const auto result = check(*history_of(history.events()), **find_model("register"), request);
  REQUIRE(result);
  CHECK(result->verdict == Verdict::violated);
  CHECK(result->numbers.at("keys_undecided") == 16);
}
