#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

namespace fracas::controller {

// The last `lines` lines of a log, for error messages: each on a line of its own, indented, with a line naming the file
// before them. A missing or empty log says so.
std::string log_tail(const std::filesystem::path& log, std::size_t lines = 8);

}  // namespace fracas::controller
