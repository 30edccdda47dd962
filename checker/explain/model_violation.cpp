#include "checker/explain/model_violation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checker/explain/counterexample.h"
#include "checker/explain/text.h"
#include "checker/linearizability/model_problem.h"
#include "checker/linearizability/search.h"

namespace fracas::checker {
namespace {

constexpr std::uint64_t kProbeConfigurations = 4'000;  // a probe that needs more counts as "no violation"
constexpr std::uint64_t kEffort = 400'000;             // configurations in all probes together
constexpr std::uint64_t kProbeCost = 100;              // what a probe costs besides its configurations and calls
constexpr std::size_t kShownMax = 40;                  // operations; of more, only the last are shown

class Minimizer {
 public:
  Minimizer(const ModelProblem& compiled, const Finding& finding)
      : problem_(compiled.problem), strict_(problem_.calls.size(), true) {
    const std::set<std::uint32_t> evidence(finding.evidence.begin(), finding.evidence.end());
    if (finding.failed_at_ns != 0) until_ns_ = finding.failed_at_ns;
    if (!evidence.empty()) {
      std::vector<bool> few(strict_.size());
      for (std::size_t i = 0; i < few.size(); ++i) few[i] = evidence.contains(problem_.calls[i].operation);
      if (violated(few)) strict_ = few;
    }
    for (std::size_t i = 0; i < strict_.size(); ++i)
      if (problem_.calls[i].invoke_ns > until_ns_) strict_[i] = false;
  }

  std::vector<std::uint32_t> run() {
    auto calls = strict_calls();
    for (std::size_t chunk = std::max<std::size_t>(calls.size() / 2, 1); effort_ < kEffort;) {
      const bool relaxed = relax_chunks(chunk);
      if (chunk == 1 && !relaxed) break;
      if (chunk > 1) chunk = (chunk + 1) / 2;
    }
    calls = strict_calls();
    for (std::uint32_t& call : calls) call = problem_.calls[call].operation;
    return calls;
  }

 private:
  std::vector<std::uint32_t> strict_calls() const {
    std::vector<std::uint32_t> calls;
    for (std::uint32_t i = 0; i < strict_.size(); ++i)
      if (strict_[i]) calls.push_back(i);
    return calls;
  }

  bool relax_chunks(std::size_t chunk) {
    bool relaxed = false;
    const auto calls = strict_calls();
    for (std::size_t begin = 0; begin < calls.size() && effort_ < kEffort; begin += chunk) {
      auto fewer = strict_;
      for (std::size_t i = begin; i < std::min(begin + chunk, calls.size()); ++i) fewer[calls[i]] = false;
      if (!violated(fewer)) continue;
      strict_ = std::move(fewer);
      relaxed = true;
    }
    return relaxed;
  }

  bool violated(const std::vector<bool>& strict) {
    Problem part;
    part.space = problem_.space;
    for (std::size_t i = 0; i < strict.size(); ++i) {
      Call call = problem_.calls[i];
      if (call.invoke_ns > until_ns_ || (!strict[i] && is_pure(call))) continue;
      if (!strict[i]) ++call.first;  // the same with an unknown answer
      if (!strict[i] || call.return_ns > until_ns_) {
        call.required = false;
        call.return_ns = kNever;
      }
      part.calls.push_back(call);
    }
    const Finding finding = search(part, {.configurations_per_key = kProbeConfigurations});
    effort_ += finding.explored + part.calls.size() + kProbeCost;
    return finding.linearizable == Linearizable::no;
  }

  const Problem& problem_;
  std::vector<bool> strict_;
  std::int64_t until_ns_ = kNever;
  std::uint64_t effort_ = 0;
};

const Operation* last_returned(const std::vector<const Operation*>& operations) {
  const Operation* last = nullptr;
  for (const Operation* operation : operations)
    if (operation->return_ns != kNever && (!last || operation->return_ns > last->return_ns)) last = operation;
  return last;
}

}  // namespace

std::vector<std::uint32_t> minimize_model(const History& history, std::span<const std::uint32_t> group,
                                          const AnyModel& model, const Finding& finding, FailMeans fail) {
  const ModelProblem compiled = compile_model(history, group, model, fail);
  return Minimizer(compiled, finding).run();
}

Counterexample explain_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                             const Finding& finding, const Request& request) {
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : minimize_model(history, group, model, finding, request.fail))
    shown.push_back(&history.operations[index]);
  const Operation* last = last_returned(shown);
  std::string sentence = fmt::format("{}no order of these {} operations is possible",
                                     describe_key(history, history.operations[group.front()].key), shown.size());
  if (last) {
    const ShownOperation what = show(history, *last);
    sentence = fmt::format("{}no order of these {} operations explains {}'s {}{}", describe_key(history, last->key),
                           shown.size(), what.client, describe_operation(what), describe_node(what));
  }
  if (shown.size() > kShownMax) shown.erase(shown.begin(), shown.end() - kShownMax);
  return exhibit(history, shown, std::move(sentence), request.faults);
}

}  // namespace fracas::checker
