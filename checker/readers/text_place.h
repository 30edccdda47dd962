#pragma once
#include <cstddef>
#include <string>

#include "checker/readers/reading.h"
#include "lib/base/result.h"

namespace fracas::checker {

// A failure at a place of the text: "NAME:LINE:COLUMN: what". Lines and columns count from 1, columns in bytes.
// REQUIRES: offset <= text.bytes.size().
tl::unexpected<Error> failure_at(const Text& text, std::size_t offset, std::string_view what);

// The same without the column: for a whole event that begins at `offset`.
tl::unexpected<Error> failure_in_line(const Text& text, std::size_t offset, std::string_view what);

}  // namespace fracas::checker
