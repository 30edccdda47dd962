#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/isolation/findings.h"
#include "checker/isolation/proof.h"
#include "checker/model_kind.h"

// From anomalies to levels and to the answer of a check.
namespace fracas::checker::isolation {

struct Analysis {
  std::vector<Proof> proofs;  // the first of each anomaly, those of weak levels first
  std::vector<Anomaly> anomalies;
  std::map<std::string, std::uint64_t> counts;  // by the anomaly's name
  LevelAnswer levels;
  std::uint64_t g_single_undecided = 0;
  bool views_undecided = false;
  std::size_t edges = 0;
  bool empty = false;  // no transaction depends on another
};

// Everything that the searches brought to light.
struct Findings {
  const Sightings& sightings;
  CycleSearch cycles;
  std::vector<Proof> views;  // one for each view that is broken
  std::string_view up_to;    // the strongest level that was looked at; empty: all
  bool views_undecided = false;
  CycleSearch with_predicates = {};  // the same over all that predicates read as well; empty: nothing does
};

// Judges the levels by what was found, and proves one anomaly of each name.
Analysis analyse(const Transactions& transactions, const Findings& findings, const ExplainEdge& explain);

// The answer to `request`, which asks for `level` by its name or another. `assumptions`: a sentence on what was taken
// for granted; may be empty.
CheckResult report(const Transactions& transactions, const Analysis& analysis, const Request& request,
                   std::string_view level, std::string assumptions);

}  // namespace fracas::checker::isolation
