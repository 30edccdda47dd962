#pragma once
#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// Brings a database to the newest version of the schema, each step in one transaction; `PRAGMA user_version` holds the
// version. ERRORS: it is newer than this program, or SQLite's.
Status bring_up_to_date(Database& database);

}  // namespace fracas::controller
