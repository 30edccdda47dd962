#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// What somebody may do; each role may do all that those before it may.
enum class Role { viewer, operating, approver, admin };

std::string_view name(Role role);  // "viewer", "operator", "approver", "admin"
std::optional<Role> find_role(std::string_view name);

struct User {
  std::string name;
  Role role = Role::viewer;
  std::string added;  // wall clock
};

// Adds a user and returns their token, 256 random bits, of which only the SHA-256 is kept. ERRORS: the name is taken,
// or is not 1 to 64 of [A-Za-z0-9._@-].
Result<std::string> add_user(Database& database, const std::string& name, Role role);
// From now on their token and certificate are refused. ERRORS: no such user.
Status remove_user(Database& database, const std::string& name);
Result<std::vector<User>> list_users(Database& database);  // by name

Result<std::optional<User>> find_user(Database& database, const std::string& name);
Result<std::optional<User>> find_user_by_token(Database& database, const std::string& token);

}  // namespace fracas::controller
