#pragma once
#include "checker/readers/reading.h"

namespace fracas::checker {

// One JSON object a line (lib/model/history.h): time, process, type, f, key, value, node, error; other members are
// skipped. Texts, numbers, truth values, null, lists and objects may be keys and values. Blank lines are skipped.
Result<Reading> read_json_lines(const Text& text, const ReadOptions& options);

}  // namespace fracas::checker
