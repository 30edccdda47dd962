#include "tests/bench/checker_cases.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "checker/catalogue.h"
#include "checker/linearizability/key.h"
#include "checker/readers/reading.h"
#include "tests/bench/simulated_clients.h"

namespace fracas::bench {
namespace {

using checker::Verdict;
using Kind = Workload::Kind;

// Enough for the largest rows; none of them takes a tenth of it.
constexpr std::uint64_t kMoves = 1'000'000'000;
constexpr std::size_t kBytes = std::size_t{16} << 30U;

struct Question {
  std::string_view model;
  Verdict expected = Verdict::pass;
  unsigned threads = 1;
  std::string_view level = {};  // the model's first
};

std::string answer(const checker::History& history, const Question& question) {
  checker::Request request;
  request.budget.threads = question.threads;
  request.budget.configurations_per_key = kMoves;
  request.budget.bytes_per_key = kBytes;
  request.fail = checker::FailMeans::mismatch;
  request.level = question.level;
  const auto result = checker::check(history, **checker::find_model(question.model), request);
  if (!result) return result.error().message;
  if (result->verdict == question.expected) return {};
  return fmt::format("the verdict is {}, not {}", name(result->verdict), name(question.expected));
}

std::function<Work()> decide(const Workload& workload, const Question& question) {
  return [workload, question]() -> Work {
    const auto history = std::make_shared<const checker::History>(simulate(workload));
    return [history, question] { return answer(*history, question); };
  };
}

// The verdict alone, without the proof that a check adds to a violation.
std::string verdict_of(const checker::History& history, const Question& question) {
  const checker::Partition keys = checker::Partition::by_key(history, question.threads);
  checker::Budget budget;
  budget.threads = question.threads;
  const auto findings = checker::decide_keys(
      history, keys, {.reg = {.cas = question.model == "cas-register", .fail = checker::FailMeans::mismatch}}, budget);
  if (!findings) return findings.error().message;
  bool violated = false;
  for (const checker::Finding& finding : *findings) {
    if (finding.linearizable == checker::Linearizable::unknown) return finding.reason;
    violated = violated || finding.linearizable == checker::Linearizable::no;
  }
  return violated == (question.expected == Verdict::violated) ? "" : "the verdict is wrong";
}

std::function<Work()> decide_only(const Workload& workload, const Question& question) {
  return [workload, question]() -> Work {
    const auto history = std::make_shared<const checker::History>(simulate(workload));
    return [history, question] { return verdict_of(*history, question); };
  };
}

// As a file's bytes; `question` may be left out: then only the reading is measured.
std::function<Work()> read_and_decide(const Workload& workload, std::optional<Question> question) {
  return [workload, question]() -> Work {
    const auto text = std::make_shared<const std::string>(json_lines(simulate(workload)));
    return [text, question]() -> std::string {
      const auto reading = checker::read_history({"bench", *text}, checker::Format::json_lines, {});
      if (!reading) return reading.error().message;
      return question ? verdict_of(reading->history, *question) : "";
    };
  };
}

// As the logs of a small cluster under test: five clients, some eighty operations, many of unknown outcome, and three
// of four histories with answers that cannot be.
std::function<Work()> decide_short_logs() {
  return []() -> Work {
    auto histories = std::make_shared<std::vector<checker::History>>();
    auto expected = std::make_shared<std::vector<Verdict>>();
    for (std::uint64_t seed = 1; seed <= 102; ++seed) {
      histories->push_back(simulate({.operations = 84,
                                     .clients = 5,
                                     .kind = Kind::cas,
                                     .info = 0.2,
                                     .falsify = seed % 4 == 0 ? 0 : 0.4,
                                     .seed = seed}));
      // A false answer may happen to be a possible one.
      const bool true_answers = seed % 4 == 0;
      const bool possible = verdict_of(histories->back(), {"cas-register", Verdict::pass}).empty();
      if (true_answers && !possible) return [] { return std::string("true answers are refused"); };
      expected->push_back(possible ? Verdict::pass : Verdict::violated);
    }
    return [histories, expected] {
      for (std::size_t i = 0; i < histories->size(); ++i) {
        const std::string wrong = verdict_of((*histories)[i], {"cas-register", expected->at(i)});
        if (!wrong.empty()) return fmt::format("log {}: {}", i + 1, wrong);
      }
      return std::string();
    };
  };
}

constexpr Question kRegister{"register"};
constexpr Question kCas{"cas-register"};
constexpr Question kTexts{"key-value"};

Workload one_key(Kind kind, std::int64_t operations, std::int64_t clients) {
  return {.operations = operations, .clients = clients, .kind = kind};
}

Workload falsified(Workload workload, double from, double share) {
  workload.falsify_from = from;
  workload.falsify = share;
  return workload;
}

Workload uncertain(Workload workload, double info) {
  workload.info = info;
  return workload;
}

}  // namespace

std::vector<Case> linearizability_cases() {
  const auto unique = [](std::int64_t n, std::int64_t clients) { return one_key(Kind::unique_writes, n, clients); };
  const auto cas = [](std::int64_t n, std::int64_t clients) { return one_key(Kind::cas, n, clients); };
  const Workload texts{.operations = 1712, .keys = 10, .clients = 50, .kind = Kind::texts};
  const Workload many{.operations = 1'000'000, .keys = 10'000, .clients = 50};
  const Workload many_cas{.operations = 200'000, .keys = 2'000, .clients = 50, .kind = Kind::cas};
  const Workload levels{.operations = 100'000, .keys = 1'000, .clients = 50};
  const Workload wrong_levels = falsified(levels, 0.9999, 1);
  const Question wrong_register{"register", Verdict::violated};
  const Question wrong_cas{"cas-register", Verdict::violated};
  const Question wrong_texts{"key-value", Verdict::violated};
  std::vector<Case> cases{
      {"102 short logs, cas, unknown outcomes", "361 ms, 28 MB", 9, 8, decide_short_logs()},
      {"key-value of texts, 1712 operations, 50 clients",
       "132 ms; unpartitioned > 60 s, 4 GB",
       10,
       {},
       decide(texts, kTexts)},
      {"10^6 operations, 10^4 keys, 50 clients", "2.3 s, 1.2 GB", 100, 100, decide(many, kRegister)},
      {"10^6 operations, 10^4 keys, 50 clients, with reading", "", 500, {}, read_and_decide(many, kRegister)},
      {"reading 2x10^6 events of JSON lines", "", 1000, {}, read_and_decide(many, {})},
      {"10^5 operations, 1 key, unique writes, 10 clients", "> 6 GB", 10, {}, decide(unique(100'000, 10), kRegister)},
      {"10^5 operations, 1 key, unique writes, 50 clients", "> 6 GB", 10, {}, decide(unique(100'000, 50), kRegister)},
      {"10^5 operations, 1 key, cas, 10 clients", "> 6 GB", 100, 150, decide(cas(100'000, 10), kCas)},
      {"10^5 operations, 1 key, cas, 20 clients", "> 6 GB", 1000, 150, decide(cas(100'000, 20), kCas)},
      {"200 operations, 1 key, cas, 20 clients", "29 ms", 5, {}, decide(cas(200, 20), kCas)},
      {"10^4 operations, violated at 90 %, unique writes",
       "5.1 s, 3.9 GB",
       1,
       {},
       decide_only(falsified(unique(10'000, 10), 0.9, 0.01), wrong_register)},
      {"10^4 operations, violated at 90 %, cas",
       "5.1 s, 3.9 GB",
       30,
       {},
       decide_only(falsified(cas(10'000, 10), 0.9, 0.1), wrong_cas)},
      {"10^4 operations, 5 % unknown outcomes, unique writes",
       "> 6 GB",
       1,
       {},
       decide(uncertain(unique(10'000, 10), 0.05), kRegister)},
      {"10^4 operations, 5 % unknown outcomes, cas", "> 6 GB", 500, {}, decide(uncertain(cas(10'000, 10), 0.05), kCas)},
      {"explanation: 10^4 operations, violated at 90 %, cas",
       "",
       {},
       {},
       decide(falsified(cas(10'000, 10), 0.9, 0.1), wrong_cas)},
      {"explanation: key-value of texts, 2024 operations",
       "> 50 s, 8 GB",
       100,
       {},
       decide(falsified({.operations = 2024, .keys = 10, .clients = 50, .kind = Kind::texts}, 0.5, 0.01), wrong_texts)},
      {"explanation: one bad key among 10^5 operations",
       "20 MB of HTML",
       100,
       {},
       decide(falsified({.operations = 100'000, .keys = 1'000, .clients = 50, .kind = Kind::cas}, 0.9999, 1),
              wrong_cas)},
      {"2x10^5 operations, 2000 keys, cas, 1 thread", "", {}, {}, decide(many_cas, kCas)},
      {"2x10^5 operations, 2000 keys, cas, 2 threads",
       "",
       {},
       {},
       decide(many_cas, {"cas-register", Verdict::pass, 2})},
      {"10^6 operations, 10^4 keys, 2 threads", "", {}, {}, decide(many, {"register", Verdict::pass, 2})},
      {"10^4 operations, 1 key, cas, 20 clients, violated at 90 %, 1 thread",
       "",
       {},
       {},
       decide_only(falsified(cas(10'000, 20), 0.9, 0.02), wrong_cas)},
      {"10^4 operations, 1 key, cas, 20 clients, violated at 90 %, 2 threads",
       "",
       {},
       {},
       decide_only(falsified(cas(10'000, 20), 0.9, 0.02), {"cas-register", Verdict::violated, 2})},
      {"sequential: 10^5 operations, 1000 keys, 50 clients",
       "",
       {},
       {},
       decide(levels, {"register", Verdict::pass, 1, "sequential"})},
      {"sequential: one wrong read among them, with its proof",
       "",
       {},
       {},
       decide(wrong_levels, {"register", Verdict::violated, 1, "sequential"})},
      {"causal-memory: the same",
       "",
       {},
       {},
       decide(wrong_levels, {"register", Verdict::violated, 1, "causal-memory"})},
      {"bounded-staleness: the same, which no bound allows",
       "",
       {},
       {},
       decide(wrong_levels, {"register", Verdict::violated, 1, "bounded-staleness"})},
  };
  for (const std::int64_t size : {10'000, 100'000, 1'000'000, 10'000'000}) {
    cases.push_back({fmt::format("growth: {} operations, unique writes, 10 clients", size),
                     "",
                     {},
                     {},
                     decide(unique(size, 10), kRegister),
                     "register, unique writes",
                     size});
    cases.push_back({fmt::format("growth: {} operations, cas, 10 clients", size),
                     "",
                     {},
                     {},
                     decide(cas(size, 10), kCas),
                     "cas-register, search",
                     size});
  }
  return cases;
}

}  // namespace fracas::bench
