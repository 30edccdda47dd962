#include <algorithm>

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/readers/read_text.h"

namespace fracas::checker::tests {
namespace {

CheckResult judge(std::string_view text, const char* level = "strict-serializable") {
  const auto read = read_text(text);
  REQUIRE(read);
  Request request;
  request.level = level;
  auto result = check(read->history, **find_model("closed-predicate"), request);
  REQUIRE(result);
  return std::move(*result);
}

bool found(const CheckResult& result, const std::string& anomaly) {
  return result.numbers.contains("anomalies " + anomaly);
}

constexpr const char* kInit = R"({:process 0, :type :invoke, :f :init, :value {:x 0, :y 0}}
{:process 0, :type :ok, :f :init, :value {:x 0, :y 0}}
)";

// Two transactions that run one after the other, or at the same time.
std::string two(const char* first_asked, const char* first, const char* second_asked, const char* second,
                bool init = true) {
  const auto event = [](const char* process, const char* type, const char* value) {
    return std::string("{:process ") + process + ", :type :" + type + ", :f :txn, :value " + value + "}\n";
  };
  return (init ? kInit : "") + event("1", "invoke", first_asked) + event("2", "invoke", second_asked) +
         event("1", "ok", first) + event("2", "ok", second);
}

}  // namespace

TEST_CASE("closed-predicate: a write skew over a predicate breaks serializability and not repeatable read",
          "[unit][checker]") {
  const std::string text = two("[[:rp [:= 1] nil] [:w :x 1]]", "[[:rp [:= 1] {}] [:w :x 1]]",
                               "[[:rp [:= 1] nil] [:w :y 1]]", "[[:rp [:= 1] {}] [:w :y 1]]");
  CHECK(judge(text, "serializable").verdict == Verdict::violated);
  CHECK(judge(text, "repeatable-read").verdict == Verdict::pass);
  CHECK(judge(text, "snapshot-isolation").verdict == Verdict::pass);
  const CheckResult result = judge(text);
  CHECK(found(result, "G2"));
  CHECK_FALSE(found(result, "G2-item"));
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->cycle.size() == 2);
  CHECK(result.counterexample->cycle[0].why.find("can only have met y = 0") != std::string::npos);
}

TEST_CASE("closed-predicate: what a predicate did not return tells who wrote it", "[unit][checker]") {
  // Each sees no value 0 where the other has written: so both saw the other's write.
  const std::string text = two("[[:rp [:= 0] nil] [:w :x 1]]", "[[:rp [:= 0] {:x 0}] [:w :x 1]]",
                               "[[:rp [:= 0] nil] [:w :y 1]]", "[[:rp [:= 0] {:y 0}] [:w :y 1]]");
  CHECK(found(judge(text), "G1c"));
  CHECK(judge(text, "read-committed").verdict == Verdict::violated);
  CHECK(judge(text, "read-uncommitted").verdict == Verdict::pass);
}

TEST_CASE("closed-predicate: a deleted key and one that never was are absent alike", "[unit][checker]") {
  const std::string deleted = two("[[:delete :x] [:rp :true nil]]", "[[:delete :x] [:rp :true {}]]",
                                  "[[:delete :y] [:rp :true nil]]", "[[:delete :y] [:rp :true {}]]");
  CHECK(found(judge(deleted), "G1c"));
  const std::string unborn = two("[[:w :a 1] [:rp :true nil]]", "[[:w :a 1] [:rp :true {}]]",
                                 "[[:insert :b 2] [:rp :true nil]]", "[[:insert :b 2] [:rp :true {}]]", false);
  CHECK(found(judge(unborn), "G2"));
}

TEST_CASE("closed-predicate: a key that always fitted must be returned", "[unit][checker]") {
  const std::string text = two("[[:rp [:mod 2 0] nil]]", "[[:rp [:mod 2 0] {:x 0}]]", "[[:r :x nil]]", "[[:r :x 0]]");
  const CheckResult result = judge(text);
  CHECK(result.verdict == Verdict::violated);
  CHECK(found(result, "predicate-read-miss"));
}

TEST_CASE("closed-predicate: an order that explains everything passes", "[unit][checker]") {
  const std::string text = two("[[:rp :true nil] [:w :x 1]]", "[[:rp :true {:x 0, :y 0}] [:w :x 1]]",
                               "[[:rp [:= 0] nil] [:delete :y]]", "[[:rp [:= 0] {:y 0}] [:delete :y]]");
  const CheckResult result = judge(text);
  CHECK(result.verdict == Verdict::pass);
  CHECK(std::any_of(result.details.begin(), result.details.end(),
                    [](const std::string& line) { return line.find("every level holds") != std::string::npos; }));
}

TEST_CASE("closed-predicate: what is not of the model is refused with its event", "[unit][checker]") {
  const auto read = read_text("{:process 0, :type :invoke, :f :txn, :value [[:rp [:> 3] nil]]}\n");
  REQUIRE(read);
  const auto result = check(read->history, **find_model("closed-predicate"), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("event 1: ") != std::string::npos);
}

}  // namespace fracas::checker::tests
