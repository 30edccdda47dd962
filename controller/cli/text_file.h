#pragma once
#include <filesystem>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::controller {

// Writes what a user asked for, in place, so that devices and pipes may be named too. ERRORS: "path: cannot be
// written".
Status write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace fracas::controller
