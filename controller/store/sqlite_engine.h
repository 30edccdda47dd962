#pragma once
#include <filesystem>
#include <memory>

#include "controller/store/engine.h"

namespace fracas::controller {

// One file, write-ahead logged: what was committed survives a SIGKILL at any moment, and readers in other processes are
// never in the way. ERRORS: as Database::open.
Result<std::unique_ptr<Engine>> open_sqlite(const std::filesystem::path& file);

}  // namespace fracas::controller
