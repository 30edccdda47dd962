#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace fracas::controller {

struct AgentInstallation {
  std::string login;               // as ssh(1) takes it: "root@db1", "admin@10.0.0.11"
  std::string name;                // of the host, and in its certificate
  std::string listen;              // "[::]:7600"
  std::filesystem::path package;   // fracas-agent's Debian package; empty: it is there already
  std::filesystem::path identity;  // NAME.pem
  std::filesystem::path ca;
  std::filesystem::path revoked;
};

// One command for the other side's shell, and the file that becomes its stdin; empty: none.
struct RemoteStep {
  std::string what;  // "the package"
  std::string command;
  std::filesystem::path input{};
};

// What enrols a host: package, certificate, authority, settings, service; each file is replaced in one step, and the
// service is started last. A login that is not root's uses sudo without a password. Pure.
std::vector<RemoteStep> installation_steps(const AgentInstallation& installation);

// Does it by OpenSSH, which must not have to ask for anything (BatchMode). ERRORS: the step, and what ssh or the other
// side said; what was done before stays.
Status install_agent(const AgentInstallation& installation);

}  // namespace fracas::controller
