#include "checker/linearizability/producers.h"

namespace fracas::checker {

Producers::Producers(const Problem& problem) : of(problem.states) {
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    if (const State to = produced(call); to != kElsewhere) {
      ++of[to].count;
      if (of[to].earliest == kNone) of[to].earliest = i;
    }
    if (const State from = observed(call); from != kElsewhere && call.required) {
      std::uint32_t& reader = of[from].first_reader;
      if (reader == kNone || call.return_ns < problem.calls[reader].return_ns) reader = i;
    }
  }
}

}  // namespace fracas::checker
