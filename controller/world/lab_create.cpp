#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/pki/authority.h"
#include "controller/world/lab_cgroup.h"
#include "controller/world/lab_parts.h"
#include "controller/world/lab_record.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kPublicMode = 0644;
constexpr unsigned kSecretMode = 0600;
// Nodes that do not run as root must get through to their data; keys below it are for root alone.
constexpr mode_t kLabFolderMode = 0711;

Status make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return system_failure("create " + folder.string(), failed.value());
  return {};
}

// The record comes first: what it names can be found after a crash at any later moment.
Status write_record(const LabPlan& plan) {
  const auto owner = os::ProcessIdentity::of(::getpid());
  if (!owner) return failure(owner.error());
  if (::mkdir(plan.directory.c_str(), kLabFolderMode) != 0) return system_failure("create " + plan.directory.string());
  if (auto done = os::write_file_durably(lab_record_path(plan.directory), to_json(record_of(plan, *owner))); !done)
    return done;
  return make_lab_cgroup(plan.cgroup, *owner);
}

Status make_folders(const Lab::Parts& parts) {
  for (std::size_t i = 0; i < parts.hosts.size(); ++i) {
    for (const fs::path& folder : {parts.plan.hosts[i].agent_state, parts.plan.hosts[i].data, parts.hosts[i].files})
      if (auto made = make_folder(folder); !made) return made;
  }
  return {};
}

// Certificates need not survive a power failure: the lab does not either.
Status write_file(const fs::path& path, const std::string& content, unsigned mode) {
  const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return system_failure("create " + path.string());
  const ssize_t written = ::write(fd.get(), content.data(), content.size());
  if (written != static_cast<ssize_t>(content.size())) return system_failure("write " + path.string());
  return {};
}

// Issues all certificates and connects to the agents-to-be. The controller's own key stays in memory.
Status make_identities(Lab::Parts& parts) {
  const auto authority = CertificateAuthority::create();
  if (!authority) return failure(authority.error());
  const auto controller = authority->issue_client(kControllerName);
  if (!controller) return failure(controller.error());
  if (auto done = write_file(parts.plan.ca, controller->ca, kPublicMode); !done) return done;
  for (const LabHostPlan& host : parts.plan.hosts) {
    const auto agent = authority->issue_agent(host.name);
    if (!agent) return failure(agent.error());
    if (auto done = write_file(host.certificate, agent->certificate, kPublicMode); !done) return done;
    if (auto done = write_file(host.key, agent->key, kSecretMode); !done) return done;
    parts.clients.emplace_back(AgentAddress{.name = host.name, .target = "unix:" + host.socket.string()}, *controller);
  }
  return {};
}

Status make_network(Lab::Parts& parts) {
  auto network = make_lab_network(parts.plan);
  if (!network) return failure(std::move(network).error());
  parts.network = *std::move(network);
  std::vector<const os::NetNamespace*> all{&parts.network->hub, &parts.network->clients};
  for (const os::NetNamespace& host : parts.network->hosts) all.push_back(&host);
  auto names = LabNames::start(parts.plan, parts.network->clients);
  if (!names) return failure(std::move(names).error());
  parts.names = *std::move(names);
  for (const os::NetNamespace* netns : all) {
    const auto inode = netns->inode();
    if (!inode) return failure(inode.error());
    parts.namespaces.push_back(*inode);
  }
  return {};
}

}  // namespace

Status make_lab(Lab::Parts& parts) {
  if (::geteuid() != 0) return system_failure("labs need root", EPERM);
  if (auto done = write_record(parts.plan); !done) return done;
  if (auto done = make_folders(parts); !done) return done;
  if (auto done = make_identities(parts); !done) return done;
  if (auto done = make_network(parts); !done) return done;
  LabAgentOptions options{.program = parts.agent_program, .logs = {}};
  for (const Host& host : parts.hosts) options.logs.push_back(host.files / "agent.log");
  if (auto done = start_lab_agents(parts.plan, *parts.network, options, parts.agents); !done) return done;
  parts.complete = true;
  return {};
}

}  // namespace fracas::controller
