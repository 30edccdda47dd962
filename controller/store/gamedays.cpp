#include "controller/store/gamedays.h"

#include "controller/store/database.h"

namespace fracas::controller {

Status save_gameday(Database& database, const StoredGameDay& day) {
  return database.run("INSERT INTO gamedays VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = ?2",
                      {day.name, day.body});
}

Result<std::vector<StoredGameDay>> list_gamedays(Database& database) {
  const auto rows = database.query("SELECT name, body FROM gamedays ORDER BY name");
  if (!rows) return failure(rows.error());
  std::vector<StoredGameDay> days;
  for (const Row& row : *rows) days.push_back({row.text(0), row.text(1)});
  return days;
}

}  // namespace fracas::controller
