#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controller/hunt/coverage.h"
#include "controller/hunt/hunt.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

// What a hunt found, in the form that is kept and that the parts of a divided hunt hand over. Plain data.
namespace fracas::controller {

// One violation.
struct Finding {
  std::uint64_t seed = 0;
  std::string name;   // of the experiment
  std::string check;  // the kind of the check it violates
  std::string reason;
  std::string experiment;  // TOML that expects it
  std::string shrunk{};    // the smallest that was found, as TOML; empty: nobody shrank it
  std::uint64_t shrink_runs = 0;
  std::size_t faults = 0;  // these four of `shrunk`
  std::size_t nodes = 0;
  std::size_t clients = 0;
  std::size_t operations = 0;
};

struct Findings {
  std::uint64_t universes = 0;
  std::uint64_t passed = 0;
  std::uint64_t vacuous = 0;
  std::uint64_t undecided = 0;
  std::uint64_t refused = 0;
  Duration simulated{};
  Coverage coverage{};
  std::vector<Finding> violations{};
};

// The findings of a hunt that is over, its violations not shrunk.
Findings findings_of(const HuntResult& result);

// Shrinks what was caught; where `stop` ends that early, to what was reached. REQUIRES: `violation` was found by
// hunt().
void shrink_finding(Finding& finding, const Violation& violation, const std::function<bool()>& stop);

// Adds numbers and coverage up, and puts all violations in one list: those of the fewest faults and then operations
// first, and of equals the lower seed; what was not shrunk comes last.
void merge(Findings& into, Findings more);

// One line of JSON, and back. ERRORS: it is something else, or of another version of fracas.
std::string findings_to_json(const Findings& findings, const std::string& version);
Result<Findings> findings_in(const std::string& json, const std::string& version);

// The seeds of one of the parts into which a hunt's seeds are divided: they differ by one at most, and together are
// all.
struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
// REQUIRES: index < parts.
Seeds share_of(const Seeds& all, unsigned index, unsigned parts);

}  // namespace fracas::controller
