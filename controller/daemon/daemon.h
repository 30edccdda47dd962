#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "controller/serve/server.h"
#include "controller/store/database.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct DaemonOptions {
  ServerOptions server;
  std::filesystem::path state;        // made if it is missing
  std::filesystem::path experiments;  // the library
};

// The store of a controller's folder, which is made (mode 0700) if it is missing. ERRORS: no permission, not a store.
Result<std::unique_ptr<Database>> open_store(const std::filesystem::path& state);

// Serves until SIGINT or SIGTERM, then stops all runs and returns. ERRORS: another controller has the folder, the store
// or the port cannot be opened, TLS is missing beyond this machine.
Status serve(const DaemonOptions& options);

}  // namespace fracas::controller
