#include "tests/e2e/postgres.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "controller/store/database.h"
#include "tests/e2e/program.h"

namespace fracas::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "postgres";

// The newest version's folder of programs; empty: none is installed.
fs::path programs() {
  fs::path newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none))
    if (fs::exists(version.path() / "bin/initdb", none) && version.path() > newest) newest = version.path();
  return newest.empty() ? newest : newest / "bin";
}

fs::path make_folder() {
  std::string pattern = (fs::temp_directory_path() / "fracas-postgres-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
  const passwd* user = ::getpwnam(kUser);
  if (user == nullptr || ::chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error("chown of " + pattern + " failed");
  return pattern;
}

}  // namespace

std::string Postgres::missing() {
  if (programs().empty() || ::getpwnam(kUser) == nullptr) return "postgresql is not installed";
  return "";
}

// As its user, and with an environment of its own: what carries a test's variables belongs to the controllers.
os::Process Postgres::start(const std::vector<std::string>& words) const {
  os::LaunchOptions options;
  options.argv = {"/usr/bin/env",   "-i", "LC_ALL=C", "/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                  "--clear-groups", "--"};
  options.argv.push_back(programs() / words.front());
  options.argv.insert(options.argv.end(), words.begin() + 1, words.end());
  options.output = folder_ / "output";
  options.working_directory = folder_;
  auto process = os::Process::launch(options);
  if (!process) throw std::runtime_error(process.error().message);
  return std::move(*process);
}

Postgres::Postgres(const std::string& address)
    : address_(address),
      folder_(make_folder()),
      server_(start({"initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--no-sync"})) {
  const auto made = server_.wait_for(std::chrono::minutes(1));
  if (!made || made->code != 0) throw std::runtime_error("initdb: " + content(folder_ / "output"));
  if (!address_.empty()) std::ofstream(folder_ / "data/pg_hba.conf", std::ios::app) << "host all all samenet trust\n";
  server_ = start({"postgres", "-D", "data", "-c", "listen_addresses=" + address_, "-c",
                   "unix_socket_directories=" + folder_.string(), "-c", "fsync=off"});
  for (int i = 0; i < 1200; ++i) {
    if (controller::Database::open_postgres(settings())) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("postgres: " + content(folder_ / "output"));
}

Postgres::~Postgres() {
  static_cast<void>(server_.signal(SIGINT));  // a fast shutdown
  if (!server_.wait_for(std::chrono::seconds(20))) static_cast<void>(server_.signal(SIGKILL));
  server_.wait_for(std::chrono::seconds(5));
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace fracas::test
