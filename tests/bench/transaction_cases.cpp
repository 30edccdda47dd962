#include "tests/bench/transaction_cases.h"

#include <fmt/format.h>

#include <memory>

#include "checker/catalogue.h"
#include "tests/bench/simulated_transactions.h"

namespace fracas::bench {
namespace {

using checker::History;

Case judging(std::string name, const TransactionShape& shape, const char* level) {
  Case made;
  made.name = std::move(name);
  made.prepare = [shape, level]() -> Work {
    // Shared because a Work is copied and a History is not.
    const auto history = std::make_shared<const History>(simulate(shape));
    return [history, level, lists = shape.lists]() -> std::string {
      const auto model = checker::find_model(lists ? "list-append" : "rw-register");
      checker::Request request;
      request.level = level;
      const auto result = checker::check(*history, **model, request);
      if (!result) return result.error().message;
      return result->verdict == checker::Verdict::pass ? std::string() : result->summary;
    };
  };
  return made;
}

Case with_goal(Case made, double ms_max, double mib_max, std::string rival) {
  made.ms_max = ms_max;
  made.mib_max = mib_max;
  made.rival = std::move(rival);
  return made;
}

constexpr TransactionShape lists(std::int64_t transactions) {
  return {true, transactions, 20, 10, 32, 4};
}
constexpr TransactionShape kRegisters{false, 1'000'000, 50, 10'000, 0, 4};

}  // namespace

std::vector<Case> transaction_cases() {
  return {
      with_goal(judging("list-append, strict serializable, 10^5 transactions", lists(100'000), "strict-serializable"),
                500, 250, "Elle 5.8 s of CPU, 1.2 to 2 GB"),
      with_goal(judging("list-append, strict serializable, 10^6 transactions", lists(1'000'000), "strict-serializable"),
                6000, 2000, ""),
      with_goal(judging("read committed, 10^6 transactions, 50 clients", kRegisters, "monotonic-atomic-view"), 1500,
                1000, "AWDIT 3.0 s, up to 4.4 GB"),
      with_goal(judging("read atomic, 10^6 transactions, 50 clients", kRegisters, "strong-session-read-atomic"), 2000,
                1000, "AWDIT 4.2 s, up to 4.4 GB"),
      with_goal(judging("causal, 10^6 transactions, 50 clients", kRegisters, "causal"), 5000, 1000,
                "AWDIT 13.6 s, 4.4 GB"),
      judging("rw-register, strict serializable, 10^6 transactions", kRegisters, "strict-serializable"),
  };
}

}  // namespace fracas::bench
