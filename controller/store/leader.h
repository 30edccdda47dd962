#pragma once
#include <optional>
#include <string>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// The controller that leads those on one store, or did so last.
struct Leader {
  std::string address;  // of its API, for others: "https://chaos-1.example:7070"
  std::string host;
  std::string since;  // wall clock
};

// REQUIRES of the latter: Database::try_lead() has said yes.
Result<std::optional<Leader>> read_leader(Database& database);
Status write_leader(Database& database, const Leader& leader);

}  // namespace fracas::controller
