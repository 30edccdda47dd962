#include "controller/world/agent_install.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "lib/os/fd.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kStepWithin{5};

// In single quotes for a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char each : text) result += each == '\'' ? std::string("'\\''") : std::string(1, each);
  return result + "'";
}

// Stdin becomes that file, in one step.
std::string put(const std::string& sudo, const std::string& path, const std::string& mode) {
  return fmt::format(
      "{}sh -c {}", sudo,
      quoted(fmt::format("umask 077 && cat > {0}.new && chmod {1} {0}.new && mv {0}.new {0}", path, mode)));
}

// A temporary file, for what ssh says.
class Transcript {
 public:
  static Result<Transcript> make() {
    std::string pattern = (fs::temp_directory_path() / "fracas-ssh-XXXXXX").string();
    const os::UniqueFd created(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!created) return system_failure("make a temporary file");
    return Transcript(pattern);
  }
  Transcript(Transcript&& other) noexcept : path_(std::exchange(other.path_, fs::path())) {}
  ~Transcript() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit Transcript(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Status run_step(const AgentInstallation& installation, const RemoteStep& step) {
  const auto transcript = Transcript::make();
  if (!transcript) return failure(transcript.error());
  os::UniqueFd input;
  if (!step.input.empty()) {
    input.reset(::open(step.input.c_str(), O_RDONLY | O_CLOEXEC));
    if (!input) return system_failure("open " + step.input.string());
  }
  os::LaunchOptions launch;
  launch.argv = {"/usr/bin/env",     "ssh",       "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--",
                 installation.login, step.command};
  launch.output = transcript->path();
  launch.input = input.get();
  launch.new_session = false;
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  const auto ended = process->wait_for(kStepWithin);
  if (ended && ended->signal == 0 && ended->code == 0) return {};
  const auto said = os::read_file(transcript->path());
  std::string why =
      !ended ? "does not end" : fmt::format("exit code {}", ended->signal != 0 ? 128 + ended->signal : ended->code);
  if (said && !said->empty()) why += ": " + said->substr(0, said->find_last_not_of('\n') + 1);
  return failure(why);
}

}  // namespace

std::vector<RemoteStep> installation_steps(const AgentInstallation& installation) {
  const std::string sudo = installation.login.starts_with("root@") ? "" : "sudo -n ";
  std::vector<RemoteStep> steps;
  if (!installation.package.empty()) {
    const std::string package = "/var/tmp/fracas-agent.deb";
    steps.push_back({"the package", put(sudo, package, "0644"), installation.package});
    steps.push_back(
        {"its installation",
         fmt::format("{0}env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 install "
                     "{1} && {0}rm {1}",
                     sudo, package)});
  }
  steps.push_back({"the folders", sudo + "install -d -m 0700 /etc/fracas /var/lib/fracas-agent"});
  steps.push_back({"the authority", put(sudo, "/etc/fracas/ca.crt", "0644"), installation.ca});
  steps.push_back({"the list of revoked certificates", put(sudo, "/var/lib/fracas-agent/revoked.pem", "0644"),
                   installation.revoked});
  const std::string settings =
      fmt::format("FRACAS_AGENT_NAME={}\nFRACAS_AGENT_LISTEN={}\n", installation.name, installation.listen);
  steps.push_back({"the settings",
                   fmt::format("printf %s {} | {}", quoted(settings), put(sudo, "/etc/default/fracas-agent", "0644"))});
  steps.push_back({"the certificate", put(sudo, "/etc/fracas/agent.pem", "0600"), installation.identity});
  steps.push_back({"the service", fmt::format("{0}systemctl enable fracas-agent.service && {0}systemctl restart "
                                              "fracas-agent.service && {0}systemctl is-active fracas-agent.service",
                                              sudo)});
  return steps;
}

Status install_agent(const AgentInstallation& installation) {
  for (const RemoteStep& step : installation_steps(installation))
    if (auto done = run_step(installation, step); !done)
      return failure(std::move(done).error().context(installation.login + ": " + step.what));
  return {};
}

}  // namespace fracas::controller
