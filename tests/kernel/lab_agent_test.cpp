#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "controller/pki/authority.h"
#include "controller/world/agent_client.h"
#include "controller/world/lab_agents.h"
#include "controller/world/lab_network.h"
#include "tests/kernel/lab_fixture.h"

using namespace fracas;
using namespace fracas::controller;
using fracas::tests::LabFolder;

namespace {

// One host with an agent, which serves once it is started, and the authority its certificate is from.
class LonelyAgent {
 public:
  explicit LonelyAgent(const LabFolder& folder)
      : plan_(plan_lab({.nodes = 1, .spares = 0}, "0badcafe", folder.state()).value()),
        network_(make_lab_network(plan_).value()),
        authority_(CertificateAuthority::create().value()) {
    const LabHostPlan& host = plan_.hosts[0];
    for (const auto& path : {host.agent_state, host.data}) std::filesystem::create_directories(path);
    const Credentials own = authority_.issue_agent(host.name).value();
    std::ofstream(plan_.ca) << own.ca;
    std::ofstream(host.certificate) << own.certificate;
    std::ofstream(host.key) << own.key;
  }
  LonelyAgent(const LonelyAgent&) = delete;
  LonelyAgent& operator=(const LonelyAgent&) = delete;
  ~LonelyAgent() {
    end_lab_agents(agents_, std::chrono::seconds(4));
    static_cast<void>(remove_cgroup(plan_.cgroup));
  }

  void start() {
    const auto log = plan_.hosts[0].directory / "agent.log";
    const auto started = start_lab_agents(plan_, network_, {.program = tests::agent_program(), .logs = {log}}, agents_);
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started);
  }

  const CertificateAuthority& authority() const { return authority_; }
  AgentClient client(const Credentials& credentials, const std::string& name = "n1") const {
    return {{.name = name, .target = "unix:" + plan_.hosts[0].socket.string()}, credentials};
  }

 private:
  LabPlan plan_;
  LabNetwork network_;
  CertificateAuthority authority_;
  std::vector<LabAgent> agents_;
};

}  // namespace

TEST_CASE("agent connection: the lab's controller is served, everybody else is refused", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  LonelyAgent agent(folder);
  agent.start();
  const Credentials right = agent.authority().issue_client(kControllerName).value();
  const auto served = agent.client(right).hello(1);
  INFO((served ? std::string() : served.error().message));
  CHECK(served);

  const auto stranger = CertificateAuthority::create().value().issue_client(kControllerName).value();
  const std::vector<std::pair<std::string, Credentials>> refused{
      {"no certificate", {.ca = right.ca, .certificate = "", .key = ""}},
      {"another authority's certificate", {.ca = right.ca, .certificate = stranger.certificate, .key = stranger.key}},
      {"another name", agent.authority().issue_client("fracas-visitor").value()},
      {"an expired certificate", agent.authority()
                                     .issue({.name = std::string(kControllerName),
                                             .role = CertificateRequest::Role::controller,
                                             .lifetime = std::chrono::seconds(-60)})
                                     .value()},
      {"an agent's certificate", agent.authority().issue_agent("fracas-controller").value()},
  };
  for (const auto& [who, credentials] : refused) {
    INFO(who);
    const auto answer = agent.client(credentials).hello(1);
    REQUIRE_FALSE(answer);
    INFO(answer.error().message);
    CHECK(answer.error().message.starts_with("agent n1: hello: "));
    CHECK((answer.error().code == ECONNREFUSED || answer.error().code == EACCES));
  }
}

TEST_CASE("agent connection: the controller talks to no agent but the one it means", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  LonelyAgent agent(folder);
  agent.start();
  const Credentials right = agent.authority().issue_client(kControllerName).value();
  CHECK_FALSE(agent.client(right, "n2").hello(1));
  Credentials distrusting = right;
  distrusting.ca = CertificateAuthority::create().value().issue_client("x").value().ca;
  CHECK_FALSE(agent.client(distrusting).hello(1));
}

TEST_CASE("agent connection: an agent that is not there is an error within the deadline", "[kernel][lab]") {
  const LabFolder folder;
  const Credentials any = CertificateAuthority::create().value().issue_client(kControllerName).value();
  AgentClient client({.name = "n1", .target = "unix:" + (folder.run_directory() / "no.sock").string()}, any,
                     std::chrono::seconds(1));
  const auto start = std::chrono::steady_clock::now();
  const auto answer = client.hello(1);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ECONNREFUSED);
}

TEST_CASE("agent connection: whoever asks again and again hears of an agent that came later", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  LonelyAgent agent(folder);
  AgentClient client = agent.client(agent.authority().issue_client(kControllerName).value());
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(client.hello(1));
  agent.start();
  // Nothing else waits for the channel meanwhile, and each refusal comes at once.
  int asked = 0;
  const auto served = [&] {
    ++asked;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return client.hello(1).has_value();
  };
  while (asked < 1500 && !served()) continue;
  CHECK(asked < 1500);
}
