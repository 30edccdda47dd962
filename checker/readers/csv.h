#pragma once
#include "checker/readers/reading.h"

namespace fracas::checker {

// A header, then one event a line, separated by commas; a field with commas or quotes stands in double quotes, and a
// quote inside them is doubled. Columns, in any order: process, type, f, and where there are: time (nanoseconds), key,
// value, node, error. Other columns are skipped. A key or value is JSON where it can be read as such (12, true, [1,2],
// "a"), nothing where it is empty or nil, and else a text.
Result<Reading> read_csv(const Text& text, const ReadOptions& options);

}  // namespace fracas::checker
