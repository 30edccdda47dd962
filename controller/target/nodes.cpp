#include "controller/target/nodes.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include "controller/world/log_tail.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kAskAgainNs = 50'000'000;

Status need(std::initializer_list<Program> files, int mode) {
  for (const Program& file : files)
    if (::access(std::string(file.path).c_str(), mode) != 0)
      return failure(fmt::format("{} is missing: install the Debian package {}", file.path, file.package), ENOENT);
  return {};
}

}  // namespace

Status need_programs(std::initializer_list<Program> programs) {
  return need(programs, X_OK);
}

Status need_files(std::initializer_list<Program> files) {
  return need(files, R_OK);
}

std::vector<std::string> command_line(const Command& command) {
  std::vector<std::string> argv;
  if (!command.environment.empty()) {
    argv.emplace_back("/usr/bin/env");
    for (const auto& [name, value] : command.environment) argv.push_back(name + "=" + value);
  }
  if (!command.user.empty())
    argv.insert(argv.end(),
                {"/usr/bin/setpriv", "--reuid=" + command.user, "--regid=" + command.user, "--clear-groups", "--"});
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  return argv;
}

std::vector<Host> nodes_of(const World& world) {
  std::vector<Host> nodes;
  std::ranges::copy_if(world.hosts(), std::back_inserter(nodes), [](const Host& host) { return !host.spare; });
  return nodes;
}

Status on_nodes(const World& world, const std::function<Status(const Host&)>& work) {
  const std::vector<Host> nodes = nodes_of(world);
  std::vector<Status> outcomes(nodes.size());
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    workers.emplace_back([&work, &host = nodes[i], &outcome = outcomes[i]] { outcome = work(host); });
  workers.clear();
  for (Status& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return {};
}

std::string majority_of(const std::map<std::string, std::string>& opinions) {
  std::map<std::string, std::size_t> votes;
  for (const auto& [node, opinion] : opinions)
    if (!opinion.empty() && ++votes[opinion] * 2 > opinions.size()) return opinion;
  return {};
}

Status wait_until_ready(const TargetStart& start, Duration within,
                        const std::function<std::optional<NotReady>()>& ask) {
  const std::string system = model::kind_of(start.experiment.target());
  const std::int64_t deadline_ns = os::boot_now_ns() + within.count();
  Status outcome;
  std::jthread asker([&] {
    if (outcome = start.world.join_clients(); !outcome) return;
    while (const auto missing = ask()) {
      if (start.stopping.stop_requested()) {
        outcome = failure("stopped while waiting for " + system, ECANCELED);
        return;
      }
      if (os::boot_now_ns() > deadline_ns) {
        std::string text = fmt::format("{} does not serve within {}: {}{}{}", system, describe_duration(within),
                                       missing->host, missing->host.empty() ? "" : ": ", missing->why);
        if (const Host* host = start.world.find(missing->host)) text += log_tail(host->files / "node.log");
        outcome = failure(std::move(text), ETIMEDOUT);
        return;
      }
      os::sleep_until_boot_ns(os::boot_now_ns() + kAskAgainNs);
    }
  });
  asker.join();
  return outcome;
}

Result<std::string> write_config(const Host& host, std::string_view name, std::string_view text) {
  const std::filesystem::path path = host.files / name;
  if (auto written = os::write_file_durably(path, text); !written) return failure(std::move(written).error());
  return path.string();
}

Status give_to_user(const std::filesystem::path& path, const std::string& user) {
  const passwd* const found = ::getpwnam(user.c_str());
  if (found == nullptr) return failure("there is no user " + user);
  if (::chown(path.c_str(), found->pw_uid, found->pw_gid) != 0) return system_failure("chown " + path.string());
  return {};
}

Status run_program(const std::vector<std::string>& argv, const std::filesystem::path& log,
                   std::chrono::milliseconds within) {
  os::LaunchOptions launch;
  launch.argv = argv;
  launch.output = log;
  launch.die_with_parent = true;
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  const auto ended = process->wait_for(within);
  if (!ended) static_cast<void>(process->signal(SIGKILL));
  if (ended && ended->signal == 0 && ended->code == 0) return {};
  return failure(fmt::format("{} failed; see {}", argv.front(), log.string()));
}

}  // namespace fracas::controller
