#include "controller/store/freeze.h"

#include "controller/store/database.h"

namespace fracas::controller {

Result<Freeze> read_freeze(Database& database) {
  const auto rows = database.query(R"(SELECT frozen, reason, by, since FROM "freeze")");
  if (!rows) return failure(rows.error());
  const Row& row = rows->front();
  return Freeze{.frozen = row.flag(0), .reason = row.text(1), .by = row.text(2), .since = row.text(3)};
}

Status write_freeze(Database& database, const Freeze& freeze) {
  return database.run(R"(UPDATE "freeze" SET frozen = ?1, reason = ?2, by = ?3, since = ?4)",
                      {std::int64_t{freeze.frozen}, freeze.reason, freeze.by, freeze.since});
}

}  // namespace fracas::controller
