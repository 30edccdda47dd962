#include <fmt/format.h>

#include "controller/cli/commands.h"
#include "controller/cli/one_run.h"
#include "controller/daemon/daemon.h"
#include "controller/store/audit.h"
#include "controller/store/users.h"

namespace fracas::controller {
namespace {

// "127.0.0.1:7070", "[::1]:7070"
Result<ServerOptions> listening(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
      std::stoi(port) > 65535)
    return failure("--listen takes ADDRESS:PORT, not \"" + address + "\"");
  ServerOptions options;
  options.host = address.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']'))
    options.host = options.host.substr(1, options.host.size() - 2);
  options.port = std::stoi(port);
  return options;
}

Status add(Database& database, const UserCommand& command) {
  const auto role = find_role(command.role);
  if (!role) return failure("there is no role " + command.role);
  const auto token = add_user(database, command.name, *role);
  if (!token) return failure(token.error());
  if (auto noted = append_audit(database, {"command line", "user.add", command.name, command.role}); !noted)
    return noted;
  fmt::print("{}\n", *token);
  fmt::print(stderr, "this token is shown once; {} may now act as {}\n", command.name, command.role);
  return {};
}

Status remove(Database& database, const UserCommand& command) {
  if (auto removed = remove_user(database, command.name); !removed) return removed;
  return append_audit(database, {"command line", "user.remove", command.name, ""});
}

Status list(Database& database) {
  const auto users = list_users(database);
  if (!users) return failure(users.error());
  for (const User& user : *users) fmt::print("{:<24} {:<9} since {}\n", user.name, name(user.role), user.added);
  return {};
}

}  // namespace

int serve_command(const ServeCommand& command) {
  auto server = listening(command.listen);
  if (!server) return could_not_run("serve", server.error());
  server->certificate = command.certificate;
  server->key = command.key;
  server->client_ca = command.client_ca;
  const auto served = serve({.server = *server,
                             .store = {.state = command.state, .postgres = command.store},
                             .experiments = command.experiments,
                             .advertise = command.advertise});
  return served ? 0 : could_not_run("serve", served.error());
}

int user_command(const UserCommand& command) {
  const auto database = open_store({.state = command.state, .postgres = command.store});
  if (!database) return could_not_run("serve user", database.error());
  const Status done = command.action == UserCommand::Action::add      ? add(**database, command)
                      : command.action == UserCommand::Action::remove ? remove(**database, command)
                                                                      : list(**database);
  return done ? 0 : could_not_run("serve user", done.error());
}

}  // namespace fracas::controller
