#include "controller/store/kept_answers.h"

#include <ctime>

#include "controller/store/database.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kKeptSeconds = 24LL * 60 * 60;

Status forget_old(Database& database, std::int64_t now_s) {
  if (auto done = database.run("DELETE FROM answers WHERE at_s < ?1", {now_s - kKeptSeconds}); !done) return done;
  return database.run("DELETE FROM answers WHERE number <= (SELECT COALESCE(MAX(number), 0) FROM answers) - ?1",
                      {kKeptAnswersMax});
}

Claim claim_of(const Row& row, const std::string& sha256) {
  if (row.text(0) != sha256) return KeyState::of_another;
  if (!row.flag(1)) return KeyState::at_work;
  return KeptAnswer{.status = static_cast<int>(row.integer(2)), .media = row.text(3), .body = row.text(4)};
}

}  // namespace

Result<Claim> claim_key(Database& database, const RequestKey& key, const std::string& sha256) {
  auto transaction = database.begin();
  if (!transaction) return failure(std::move(transaction).error());
  const std::int64_t now_s = std::time(nullptr);
  if (auto forgot = forget_old(database, now_s); !forgot) return failure(std::move(forgot).error());
  const auto rows = database.query(
      "SELECT sha256, done, status, media, body FROM answers WHERE who = ?1 AND request_key = ?2", {key.who, key.key});
  if (!rows) return failure(rows.error());
  if (!rows->empty()) return claim_of(rows->front(), sha256);
  if (auto added =
          database.run("INSERT INTO answers (number, who, request_key, at_s, sha256, done, status, media, body)"
                       " SELECT COALESCE(MAX(number), 0) + 1, ?1, ?2, ?3, ?4, 0, 0, '', '' FROM answers",
                       {key.who, key.key, now_s, sha256});
      !added)
    return failure(std::move(added).error());
  if (auto taken = transaction->commit(); !taken) return failure(std::move(taken).error());
  return Claim(KeyState::claimed);
}

Status keep_answer(Database& database, const RequestKey& key, const KeptAnswer& answer) {
  return database.run(
      "UPDATE answers SET done = 1, status = ?3, media = ?4, body = ?5 WHERE who = ?1 AND request_key = ?2",
      {key.who, key.key, std::int64_t{answer.status}, answer.media, answer.body});
}

Status free_key(Database& database, const RequestKey& key) {
  return database.run("DELETE FROM answers WHERE who = ?1 AND request_key = ?2", {key.who, key.key});
}

}  // namespace fracas::controller
