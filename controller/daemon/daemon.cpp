#include "controller/daemon/daemon.h"

#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "controller/gameday/endpoints.h"
#include "controller/gameday/experiment_library.h"
#include "controller/gameday/game_days.h"
#include "controller/serve/host_handlers.h"
#include "controller/serve/metrics.h"
#include "controller/serve/people_handlers.h"
#include "controller/serve/run_handlers.h"
#include "controller/store/audit.h"
#include "lib/os/file.h"
#include "lib/os/signals.h"

namespace fracas::controller {
namespace {

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Status check_door(const ServerOptions& options) {
  if (options.certificate.empty() != options.key.empty()) return failure("--tls-cert and --tls-key go together");
  if (!options.client_ca.empty() && options.certificate.empty()) return failure("--client-ca needs --tls-cert");
  if (options.certificate.empty() && !is_this_machine(options.host))
    return failure("beyond this machine tokens must not be sent in the clear: give --tls-cert and --tls-key");
  return {};
}

// Waits for a signal while the server answers; then faults end first.
void serve_until_signal(Server& server, RunControl& runs) {
  std::jthread answering([&] { server.serve(); });
  const sigset_t set = os::ending_signals();
  int number = 0;
  ::sigwait(&set, &number);
  runs.close();
  server.stop();
}

void welcome(const DaemonOptions& options, const Server& server, Database& database) {
  fmt::print("fracas serves http{}://{}:{}\n", options.server.certificate.empty() ? "" : "s", options.server.host,
             server.port());
  const auto users = list_users(database);
  if (users && users->empty())
    fmt::print("nobody may use it yet: fracas serve user add NAME --role admin --state {}\n", options.state.string());
  std::fflush(stdout);
}

}  // namespace

Result<std::unique_ptr<Database>> open_store(const std::filesystem::path& state) {
  std::error_code failed;
  const bool made = std::filesystem::create_directories(state, failed);
  if (failed) return failure(state.string() + ": " + failed.message(), failed.value());
  if (made) std::filesystem::permissions(state, std::filesystem::perms::owner_all, failed);
  return Database::open(state / "fracas.db");
}

Status serve(const DaemonOptions& options) {
  // Blocked before any thread exists, so that no thread is ever interrupted by them.
  const sigset_t set = os::ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  if (auto checked = check_door(options.server); !checked) return checked;
  auto database = open_store(options.state);
  if (!database) return failure(std::move(database).error());
  auto alone = os::try_lock_file(options.state / "lock");
  if (!alone) return failure(options.state.string() + ": another controller has this folder");
  const RunFolders folders{.state = std::filesystem::absolute(options.state),
                           .library = std::filesystem::absolute(options.experiments),
                           .program = os::own_folder() / "fracas"};
  RunControl runs(**database, folders);
  if (auto recovered = runs.recover(); !recovered) return recovered;
  gameday::GameDays days(**database, runs, gameday::experiments_below(folders.library.string()));
  if (auto loaded = days.load(); !loaded) return loaded;
  Doctor doctor(folders);
  Gatekeeper gatekeeper(**database);
  Handlers handlers = run_handlers(runs, **database);
  handlers.merge(people_handlers(gatekeeper, **database));
  handlers.merge(host_handlers(folders, doctor, **database));
  Metrics metrics(runs, **database);
  handlers.merge(metrics_handlers(metrics));
  handlers = gameday::with_gamedays(days, std::move(handlers));
  const Api api(gatekeeper, std::move(handlers), [&](std::string_view endpoint, int status, double seconds) {
    metrics.answered(endpoint, status, seconds);
  });
  auto server = Server::open(options.server, api, gatekeeper);
  if (!server) return failure(std::move(server).error());
  metrics.count_streams([&server] { return (*server)->streams(); });
  if (auto noted = append_audit(**database, {"fracas", "controller.start", "", FRACAS_VERSION}); !noted) return noted;
  days.begin();
  welcome(options, **server, **database);
  serve_until_signal(**server, runs);
  return append_audit(**database, {"fracas", "controller.end", "", ""});
}

}  // namespace fracas::controller
