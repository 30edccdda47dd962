#pragma once
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/effect.h"

// `effects.jsonl`: what the faults of a run did, one occurrence a line, in the order of their starts:
//   {"id":"ring#1","name":"ring","kind":"net.partition","description":"n1 n2 | n3 n4 n5","start":81,"end":92,
//    "effects":[{"host":"n1","mechanism":"tcx","matched":70,"affected":70,"bytes":4200,"first":82,"last":91}]}
// One that waited for an event also has "trigger":"leader-elected: n3 leads" and "trigger_time".
// Network faults also have "links":[["n3","n1"],…]: packets from the first host to the second are theirs.
// All times are CLOCK_BOOTTIME nanoseconds. `fracas check` reads the file to name the fault a violation fell in.
namespace fracas::controller {

// One line without the newline.
std::string to_json_line(const model::FaultWindow& fault);
// ERRORS: what is wrong with the line, without its number. Unknown members are ignored.
Result<model::FaultWindow> parse_fault_window(std::string_view line);

// The whole file's content.
std::string write_effects(const std::vector<model::FaultWindow>& faults);
// Blank lines are skipped. ERRORS: "line N: what".
Result<std::vector<model::FaultWindow>> read_effects(std::istream& in);

}  // namespace fracas::controller
