#pragma once
#include <string>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// The switch that blocks every start, of runs and of game days.
struct Freeze {
  bool frozen = false;
  std::string reason;
  std::string by;
  std::string since;  // wall clock of the last change; empty: never
};

Result<Freeze> read_freeze(Database& database);
Status write_freeze(Database& database, const Freeze& freeze);

}  // namespace fracas::controller
