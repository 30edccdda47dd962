#include "controller/world/agent_install.h"

#include <algorithm>
#include <string>

#include "tests/catch/catch.h"

using namespace fracas::controller;

namespace {

AgentInstallation installation(const std::string& login) {
  return {.login = login,
          .name = "db1",
          .listen = "[::]:7600",
          .package = "agent.deb",
          .identity = "pki/db1.pem",
          .ca = "pki/ca.crt",
          .revoked = "pki/revoked.pem"};
}

const RemoteStep& step(const std::vector<RemoteStep>& steps, const std::string& what) {
  const auto found = std::ranges::find(steps, what, &RemoteStep::what);
  REQUIRE(found != steps.end());
  return *found;
}

}  // namespace

TEST_CASE("agent installation: the key is never readable by others, and the service comes last",
          "[unit][controller][world]") {
  const auto steps = installation_steps(installation("root@db1"));
  const RemoteStep& key = step(steps, "the certificate");
  CHECK(key.input == "pki/db1.pem");
  CHECK(key.command ==
        "sh -c 'umask 077 && cat > /etc/fracas/agent.pem.new && chmod 0600 /etc/fracas/agent.pem.new && "
        "mv /etc/fracas/agent.pem.new /etc/fracas/agent.pem'");
  CHECK(steps.back().what == "the service");
  CHECK(step(steps, "the settings").command.find("FRACAS_AGENT_NAME=db1\nFRACAS_AGENT_LISTEN=[::]:7600\n") !=
        std::string::npos);
}

TEST_CASE("agent installation: whoever is not root asks sudo, which must not ask back", "[unit][controller][world]") {
  for (const RemoteStep& each : installation_steps(installation("admin@db1"))) {
    INFO(each.what);
    CHECK(each.command.find("sudo -n ") != std::string::npos);
  }
  for (const RemoteStep& each : installation_steps(installation("root@db1")))
    CHECK(each.command.find("sudo") == std::string::npos);
}

TEST_CASE("agent installation: a package that is there already is not sent", "[unit][controller][world]") {
  AgentInstallation without = installation("root@db1");
  without.package.clear();
  const auto steps = installation_steps(without);
  CHECK(steps.front().what == "the folders");
  for (const RemoteStep& each : steps) CHECK(each.command.find("apt-get") == std::string::npos);
}
