#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/fail_means.h"
#include "checker/history/partition.h"
#include "checker/linearizability/finding.h"
#include "checker/verdict.h"

// From what the engines found to what a check says.
namespace fracas::checker {

// Says the counterexample in the summary and the details.
void add_proof(CheckResult& result, Counterexample example);

// "a failed cas means that nothing happened (fail = did-not-happen)".
std::string describe_fail(FailMeans fail);

// One result from the findings of all groups: violated if one is, with the proof of the one that showed first; else
// undecided if one is. `promise` is what holds of every group: "linearizable as register". `explain` is called with
// the number of a violated group.
CheckResult conclude(const History& history, const Partition& groups, const std::vector<Finding>& findings,
                     std::string_view promise, const std::function<Counterexample(std::size_t)>& explain);

}  // namespace fracas::checker
