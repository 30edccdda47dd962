#include "controller/daemon/daemon.h"

#include <fmt/format.h>

#include <csignal>
#include <ctime>
#include <optional>
#include <thread>

#include "controller/daemon/campaign.h"
#include "controller/gameday/endpoints.h"
#include "controller/gameday/experiment_library.h"
#include "controller/gameday/game_days.h"
#include "controller/serve/host_handlers.h"
#include "controller/serve/host_name.h"
#include "controller/serve/leadership.h"
#include "controller/serve/metrics.h"
#include "controller/serve/people_handlers.h"
#include "controller/serve/repeats.h"
#include "controller/serve/run_handlers.h"
#include "controller/store/audit.h"
#include "lib/os/file.h"
#include "lib/os/signals.h"

namespace fracas::controller {
namespace {

// Between two looks whether a controller still leads, while no signal comes.
constexpr timespec kSignalLook{.tv_sec = 0, .tv_nsec = 100'000'000};

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

std::string address_of(const ServerOptions& options, const std::string& host, int port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos;
  return fmt::format("http{}://{}{}{}:{}", options.certificate.empty() ? "" : "s", bare_ipv6 ? "[" : "", host,
                     bare_ipv6 ? "]" : "", port);
}

// Where others reach a controller that listens on all of its host's addresses: at the host's name.
std::string address_for_others(const DaemonOptions& options, int port) {
  if (!options.advertise.empty()) return options.advertise;
  const std::string& host = options.server.host;
  return address_of(options.server, host == "0.0.0.0" || host == "::" ? host_name() : host, port);
}

RunFolders folders_of(const DaemonOptions& options) {
  return {.state = std::filesystem::absolute(options.store.state),
          .library = std::filesystem::absolute(options.experiments),
          .program = os::own_folder() / "fracas"};
}

// The parts of a controller, each behind those it leans on.
class Controller {
 public:
  Controller(const DaemonOptions& options, Database& store)
      : database(store),
        folders(folders_of(options)),
        runs(database, folders),
        days(database, runs, gameday::experiments_below(folders.library.string())),
        doctor(folders),
        gatekeeper(database),
        repeats(database, gatekeeper),
        metrics(runs, database),
        leadership(database, folders, Leadership::Part::follows),
        api(gatekeeper, handlers(), [this](std::string_view endpoint, int status, double seconds) {
          metrics.answered(endpoint, status, seconds);
        }) {
    metrics.tell_leader([this] { return leadership.part() == Leadership::Part::leads; });
    api.ask_first([this](const Request& request, const Route* route) { return leadership.elsewhere(request, route); });
  }

  // What an earlier controller left is ended, and what it planned is known.
  Status recover() {
    if (auto recovered = runs.recover(); !recovered) return recovered;
    return days.load();
  }

  Database& database;
  const RunFolders folders;
  RunControl runs;
  gameday::GameDays days;
  Doctor doctor;
  Gatekeeper gatekeeper;
  Repeats repeats;
  Metrics metrics;
  Leadership leadership;
  Api api;

 private:
  Handlers handlers() {
    Handlers all = run_handlers(runs, database);
    all.merge(people_handlers(gatekeeper, database));
    all.merge(host_handlers(folders, doctor, database, leadership));
    all.merge(metrics_handlers(metrics));
    return done_once(repeats, gameday::with_gamedays(days, std::move(all)));
  }
};

void welcome(const DaemonOptions& options, const Server& server, Database& database) {
  fmt::print("fracas serves {}\n", address_of(options.server, options.server.host, server.port()));
  const auto users = list_users(database);
  const std::string place =
      options.store.postgres.empty() ? "--state " + options.store.state.string() : std::string("--store URL");
  if (users && users->empty()) fmt::print("nobody may use it yet: fracas serve user add NAME --role admin {}\n", place);
  std::fflush(stdout);
}

Campaign::Duties duties_of(Controller& controller) {
  return {.take_over = [&controller]() -> Status {
            if (auto recovered = controller.recover(); !recovered) return recovered;
            controller.days.begin();
            return controller.runs.heal_here();
          },
          .follow = [&controller] { return controller.runs.heal_here(); }};
}

// Waits for a signal while the server answers; then faults end first. False if it was no signal but the campaign's end.
bool serve_until_signal(Server& server, RunControl& runs, const Campaign* campaign) {
  std::jthread answering([&] { server.serve(); });
  const sigset_t set = os::ending_signals();
  int number = -1;
  while (number < 0 && (campaign == nullptr || !campaign->lost())) number = ::sigtimedwait(&set, nullptr, &kSignalLook);
  runs.close();
  server.stop();
  return number >= 0;
}

}  // namespace

Result<std::unique_ptr<Database>> open_store(const StorePlace& place) {
  std::error_code failed;
  const bool made = std::filesystem::create_directories(place.state, failed);
  if (failed) return failure(place.state.string() + ": " + failed.message(), failed.value());
  if (made) std::filesystem::permissions(place.state, std::filesystem::perms::owner_all, failed);
  return place.postgres.empty() ? Database::open(place.state / "fracas.db") : Database::open_postgres(place.postgres);
}

Status serve(const DaemonOptions& options) {
  // Blocked before any thread exists, so that no thread is ever interrupted by them.
  const sigset_t set = os::ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  if (auto checked = check_door(options.server); !checked) return checked;
  auto database = open_store(options.store);
  if (!database) return failure(std::move(database).error());
  // Controllers on one PostgreSQL may share a folder as well: the leader alone writes there.
  const bool alone = options.store.postgres.empty();
  std::optional<os::UniqueFd> folder_lock;
  if (alone) {
    auto locked = os::try_lock_file(options.store.state / "lock");
    if (!locked) return failure(options.store.state.string() + ": another controller has this folder");
    folder_lock = std::move(*locked);
  }
  Controller controller(options, **database);
  if (alone) {
    if (auto recovered = controller.recover(); !recovered) return recovered;
    controller.leadership.lead();
  }
  auto server = Server::open(options.server, controller.api, controller.gatekeeper);
  if (!server) return failure(std::move(server).error());
  controller.metrics.count_streams([&server] { return (*server)->streams(); });
  if (auto noted = append_audit(**database, {"fracas", "controller.start", host_name(), FRACAS_VERSION}); !noted)
    return noted;
  if (alone) controller.days.begin();
  welcome(options, **server, **database);
  std::optional<Campaign> campaign;
  if (!alone)
    campaign.emplace(
        **database, controller.leadership,
        Leader{.address = address_for_others(options, (*server)->port()), .host = host_name(), .since = ""},
        duties_of(controller));
  const bool asked = serve_until_signal(**server, controller.runs, campaign ? &*campaign : nullptr);
  campaign.reset();
  if (!asked) return failure("the session with the store was lost while this controller led; its runs are ended");
  return append_audit(**database, {"fracas", "controller.end", host_name(), ""});
}

}  // namespace fracas::controller
