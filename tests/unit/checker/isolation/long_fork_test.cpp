#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/readers/read_text.h"

namespace fracas::checker::tests {
namespace {

CheckResult judge(std::string_view text) {
  const auto read = read_text(text);
  REQUIRE(read);
  auto result = check(read->history, **find_model("long-fork"), {});
  REQUIRE(result);
  return std::move(*result);
}

std::string reads(const char* first, const char* second) {
  const std::string asked = "{:process 1, :type :invoke, :f :read, :value [[:r 0 nil] [:r 1 nil] [:r 2 nil]]}\n";
  return asked + "{:process 1, :type :ok, :f :read, :value " + first + "}\n" + asked +
         "{:process 1, :type :ok, :f :read, :value " + second + "}\n";
}

}  // namespace

TEST_CASE("long-fork: of two reads of the same keys, one has seen all that the other saw", "[unit][checker]") {
  CHECK(judge(reads("[[:r 0 1] [:r 1 1] [:r 2 nil]]", "[[:r 2 nil] [:r 0 1] [:r 1 nil]]")).verdict == Verdict::pass);
  const CheckResult fork = judge(reads("[[:r 0 1] [:r 1 1] [:r 2 nil]]", "[[:r 2 1] [:r 0 1] [:r 1 nil]]"));
  CHECK(fork.verdict == Verdict::violated);
  REQUIRE(fork.counterexample);
  CHECK(fork.counterexample->operations.size() == 2);
}

TEST_CASE("long-fork: a key that is written twice leaves it undecided", "[unit][checker]") {
  std::string text = reads("[[:r 0 1] [:r 1 nil] [:r 2 nil]]", "[[:r 0 1] [:r 1 1] [:r 2 nil]]");
  for (const char* value : {"1", "2"})
    text += std::string("{:process 2, :type :invoke, :f :write, :value [[:w 0 ") + value +
            "]]}\n{:process 2, :type :ok, :f :write, :value [[:w 0 " + value + "]]}\n";
  const CheckResult result = judge(text);
  CHECK(result.verdict == Verdict::undecided);
  CHECK(result.summary == "undecided: key 0 was written more than once");
}

}  // namespace fracas::checker::tests
