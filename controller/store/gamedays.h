#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// A game day as controller/gameday/day_json.h writes it.
struct StoredGameDay {
  std::string name;
  std::string body;
};

// Adds it, or replaces the one with its name.
Status save_gameday(Database& database, const StoredGameDay& day);
Result<std::vector<StoredGameDay>> list_gamedays(Database& database);  // by name

}  // namespace fracas::controller
