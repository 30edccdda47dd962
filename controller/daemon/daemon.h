#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "controller/serve/server.h"
#include "controller/store/database.h"
#include "lib/base/result.h"

namespace fracas::controller {

// Where a controller keeps what it knows.
struct StorePlace {
  std::filesystem::path state;  // its folder, made (mode 0700) if it is missing
  std::string postgres{};       // as Database::open_postgres; empty: SQLite in the folder
};

struct DaemonOptions {
  ServerOptions server;
  StorePlace store;
  std::filesystem::path experiments;  // the library
  std::string advertise{};            // its address for others on the same store; empty: where it listens
};

// ERRORS: no permission, not a store, no such database.
Result<std::unique_ptr<Database>> open_store(const StorePlace& place);

// Serves until SIGINT or SIGTERM, then stops all runs and returns. With PostgreSQL one of all controllers on it leads
// (campaign.h). ERRORS: another controller has the folder, the store or the port cannot be opened, TLS is missing
// beyond this machine; it led, and its session with the store was lost.
Status serve(const DaemonOptions& options);

}  // namespace fracas::controller
