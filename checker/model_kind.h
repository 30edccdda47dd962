#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/fail_means.h"
#include "checker/history/history.h"
#include "checker/linearizability/finding.h"
#include "checker/verdict.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"

// What can be asked about a client history: one ModelKind for each data type or analysis, all in checker/catalogue.h.
// `fracas check --model`, `fracas models` and the checks of experiments are made from them.
namespace fracas::checker {

// One question. `level`, `fail` and every parameter have defaults, which the result's details state.
struct Request {
  std::string level;  // a name of ModelKind::levels; empty = the first
  FailMeans fail = FailMeans::did_not_happen;
  Budget budget;
  std::map<std::string, std::string, std::less<>> parameters;  // by name, as the user wrote them
  std::span<const model::FaultWindow> faults;                  // only to say in which fault a violation fell

  // The parameter's text, or nothing where it was not given.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct ModelParameter {
  std::string_view name;      // "initial"
  std::string_view doc;       // one line
  std::string_view default_;  // as a user would write it; empty = none
};

struct ModelKind {
  std::string_view name;                 // "fifo-queue"
  std::string_view doc;                  // one line: what it is, and its functions
  std::vector<std::string_view> levels;  // what may be promised of it, the default first: "linearizable", …
  std::vector<ModelParameter> parameters;
  // Pure. `request` has been checked against levels and parameters' names (checker/catalogue.h does).
  // ERRORS: "event N: …" where an operation is not of the model; a parameter that is not understood.
  Result<CheckResult> (*check)(const History& history, const Request& request) = nullptr;
};

}  // namespace fracas::checker
