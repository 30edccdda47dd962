#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

// Records in a file that is only appended to: length (32 bits, of the body), CRC-32C of the body (32 bits), body;
// numbers are little-endian.
namespace fracas::node {

// A record's bytes.
std::string seal(std::string_view body);

// Gives each body in `bytes` to `take`, in order, and returns the length of the whole records; what follows is the torn
// tail of a write that a crash cut off. ERRORS: `take`'s, with the record's place; a damaged record with whole records
// after it (that is no torn write, and cutting there would forget what was promised).
Result<std::size_t> read_sealed(std::string_view bytes, const std::function<Status(std::string_view body)>& take);

}  // namespace fracas::node
