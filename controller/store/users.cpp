#include "controller/store/users.h"

#include <algorithm>
#include <array>

#include "controller/store/database.h"
#include "controller/store/wall_time.h"
#include "lib/base/ensure.h"
#include "lib/pki/digest.h"

namespace fracas::controller {
namespace {

constexpr std::array<std::string_view, 4> kRoles{"viewer", "operator", "approver", "admin"};
constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";
constexpr std::size_t kNameMax = 64;
constexpr unsigned kTokenBytes = 32;

User user_of(const Row& row) {
  const auto role = find_role(row.text(1));
  ensure(role.has_value(), "the schema admits known roles only");
  return {.name = row.text(0), .role = *role, .added = row.text(2)};
}

Result<std::optional<User>> first_user(Result<std::vector<Row>> rows) {
  if (!rows) return failure(std::move(rows).error());
  if (rows->empty()) return std::optional<User>();
  return std::optional(user_of(rows->front()));
}

}  // namespace

std::string_view name(Role role) {
  return kRoles.at(static_cast<std::size_t>(role));
}

std::optional<Role> find_role(std::string_view name) {
  const auto found = std::find(kRoles.begin(), kRoles.end(), name);
  if (found == kRoles.end()) return std::nullopt;
  return static_cast<Role>(found - kRoles.begin());
}

Result<std::string> add_user(Database& database, const std::string& name, Role role) {
  if (name.empty() || name.size() > kNameMax || name.find_first_not_of(kNameLetters) != std::string::npos)
    return failure("a user's name is 1 to 64 of A-Z a-z 0-9 . _ @ -, not \"" + name + "\"");
  const auto there = find_user(database, name);
  if (!there) return failure(there.error());
  if (*there) return failure("there is a user " + name + " already");
  const std::string token = pki::random_hex(kTokenBytes);
  auto added = database.run("INSERT INTO users VALUES (?1, ?2, ?3, ?4)",
                            {name, std::string(controller::name(role)), pki::sha256_hex(token), wall_now()});
  if (!added) return failure(std::move(added).error());
  return token;
}

Status remove_user(Database& database, const std::string& name) {
  auto transaction = database.begin();
  if (!transaction) return failure(std::move(transaction).error());
  if (auto removed = database.run("DELETE FROM users WHERE name = ?1", {name}); !removed) return removed;
  if (database.changes() == 0) return failure("there is no user " + name);
  return transaction->commit();
}

Result<std::vector<User>> list_users(Database& database) {
  const auto rows = database.query("SELECT name, role, added FROM users ORDER BY name");
  if (!rows) return failure(rows.error());
  std::vector<User> users;
  for (const Row& row : *rows) users.push_back(user_of(row));
  return users;
}

Result<std::optional<User>> find_user(Database& database, const std::string& name) {
  return first_user(database.query("SELECT name, role, added FROM users WHERE name = ?1", {name}));
}

Result<std::optional<User>> find_user_by_token(Database& database, const std::string& token) {
  return first_user(
      database.query("SELECT name, role, added FROM users WHERE token_sha256 = ?1", {pki::sha256_hex(token)}));
}

}  // namespace fracas::controller
