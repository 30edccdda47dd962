#include "controller/store/leader.h"

#include "controller/store/database.h"

namespace fracas::controller {

Result<std::optional<Leader>> read_leader(Database& database) {
  const auto rows = database.query("SELECT address, host, since FROM leader");
  if (!rows) return failure(rows.error());
  if (rows->empty()) return std::optional<Leader>();
  const Row& row = rows->front();
  return std::optional(Leader{.address = row.text(0), .host = row.text(1), .since = row.text(2)});
}

Status write_leader(Database& database, const Leader& leader) {
  return database.run(
      "INSERT INTO leader VALUES (1, ?1, ?2, ?3) ON CONFLICT (one) DO UPDATE SET address = ?1, host = ?2, since = ?3",
      {leader.address, leader.host, leader.since});
}

}  // namespace fracas::controller
