// What Prometheus, the one of Debian's package, reads from a controller and an agent.
#include <fmt/format.h>
#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <set>
#include <thread>

#include "controller/world/agent_client.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"
#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas;
using namespace fracas::test;
using namespace std::chrono_literals;
using nlohmann::json;
namespace fs = std::filesystem;

// All of these are free: the test is in a network of its own.
constexpr int kAgentPort = 9601;
constexpr int kPrometheusPort = 9090;
constexpr std::int64_t kLong_ns = 600'000'000'000;

os::Process launch(std::vector<std::string> argv, const fs::path& output) {
  os::LaunchOptions options;
  options.argv = std::move(argv);
  options.output = output;
  options.working_directory = output.parent_path();
  auto process = os::Process::launch(options);
  if (!process) throw std::runtime_error(process.error().message);
  return std::move(*process);
}

// Ends it with the object.
class Running {
 public:
  Running(std::vector<std::string> argv, const fs::path& output) : process_(launch(std::move(argv), output)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    static_cast<void>(process_.signal(SIGTERM));
    if (!process_.wait_for(10s)) static_cast<void>(process_.signal(SIGKILL));
  }

 private:
  os::Process process_;
};

std::string get(int port, const std::string& path) {
  httplib::Client client("127.0.0.1", port);
  const auto answer = client.Get(path);
  return answer && answer->status == 200 ? answer->body : "";
}

template <typename Question>
bool comes_true(const Question& question) {
  for (int tries = 0; tries < 600; ++tries) {
    if (question()) return true;
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

// What a query finds: the values by their labels, as JSON; nothing where Prometheus refuses it.
json ask(const std::string& query) {
  httplib::Client client("127.0.0.1", kPrometheusPort);
  const auto answer = client.Get("/api/v1/query", {{"query", query}}, httplib::Headers());
  const json object = answer ? json::parse(answer->body, nullptr, false) : json();
  if (!object.is_object()) return {};  // it is starting, and says so in words
  return object.value("status", "") == "success" ? object["data"]["result"] : json();
}

double value_of(const std::string& query) {
  const json found = ask(query);
  return found.size() == 1 ? std::stod(found[0]["value"][1].get<std::string>()) : -1;
}

// A scrape that takes too long on a busy machine makes its values vanish until the next.
bool becomes(const std::string& query, double value) {
  return comes_true([&] { return value_of(query) == value; });
}

// promtool's complaints about names and types: "" where it has none.
std::string complaints(const Scratch& scratch, const std::string& metrics) {
  const fs::path file = scratch.path() / "metrics.txt";
  std::ofstream(file, std::ios::binary) << metrics;
  const fs::path output = scratch.path() / "promtool";
  const std::string command =
      fmt::format("/usr/bin/promtool check metrics < {} > {} 2>&1", file.string(), output.string());
  const int code = std::system(command.c_str());
  return code == 0 ? content(output) : content(output) + fmt::format("exit code {}", code);
}

// An agent in the caller's network, and its only controller.
class OneAgent {
 public:
  explicit OneAgent(const Scratch& scratch) : folder_(scratch.path() / "agent") {
    const std::string pki = (folder_ / "pki").string();
    fs::create_directories(folder_);
    REQUIRE(run(scratch, {"pki", "init", "--pki", pki}).code == 0);
    REQUIRE(run(scratch, {"pki", "issue", "one", "--pki", pki}).code == 0);
    const std::string own = pki + "/one.pem";
    const std::string socket = "unix:" + (folder_ / "socket").string();
    running_.emplace(
        std::vector<std::string>{tests::bin_dir() + "/fracas-agent", "serve", "--name", "one", "--listen", socket,
                                 "--state", (folder_ / "state").string(), "--cert", own, "--key", own, "--ca",
                                 pki + "/ca.crt", "--metrics", fmt::format("127.0.0.1:{}", kAgentPort)},
        log());
    const std::string mine = content(pki + "/controller.pem");
    client_.emplace(controller::AgentAddress{.name = "one", .target = socket},
                    controller::Credentials{.ca = content(pki + "/ca.crt"), .certificate = mine, .key = mine});
    std::string refusal;
    const bool answers = comes_true([&] {
      const auto hello = client_->hello(1);
      refusal = hello ? "" : hello.error().message;
      return hello.has_value();
    });
    INFO(refusal);
    REQUIRE(answers);
  }

  controller::AgentClient& client() { return *client_; }
  fs::path log() const { return folder_ / "agent.log"; }

 private:
  fs::path folder_;
  std::optional<Running> running_;
  std::optional<controller::AgentClient> client_;
};

std::vector<std::string> prometheus(const Scratch& scratch, int controller_port) {
  const fs::path config = scratch.path() / "prometheus.yml";
  std::ofstream(config) << fmt::format(R"(global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
  - job_name: fracas
    static_configs: [{{targets: ["127.0.0.1:{}"]}}]
  - job_name: fracas-agent
    static_configs: [{{targets: ["127.0.0.1:{}"]}}]
)",
                                       controller_port, kAgentPort);
  return {"/usr/bin/prometheus", "--config.file=" + config.string(),
          "--storage.tsdb.path=" + (scratch.path() / "tsdb").string(),
          fmt::format("--web.listen-address=127.0.0.1:{}", kPrometheusPort), "--log.level=warn"};
}

std::set<std::string> names_in(const std::string& text) {
  static const std::regex kName("\\b(fracas|process)_[a-z_]+[a-z]\\b");
  std::set<std::string> names;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), kName); found != std::sregex_iterator(); ++found)
    names.insert(found->str());
  return names;
}

// Of metrics as they are sent: histograms under the name of their family.
std::set<std::string> families_in(const std::string& metrics) {
  static const std::regex kType("# TYPE ([a-z_]+) ");
  std::set<std::string> names;
  for (auto found = std::sregex_iterator(metrics.begin(), metrics.end(), kType); found != std::sregex_iterator();
       ++found)
    names.insert((*found)[1]);
  return names;
}

void check_fault(OneAgent& agent) {
  model::Injection fault;
  fault.mutable_net_loss()->set_loss(0.5);
  fault.mutable_scope()->add_from("192.0.2.0/24");
  const auto prepared = agent.client().prepare("lossy", fault, 10min);
  INFO((prepared ? "" : prepared.error().message));
  REQUIRE(prepared.has_value());
  CHECK(becomes(R"(fracas_agent_faults{kind="net.loss",state="prepared"})", 1));
  const std::int64_t now_ns = os::boot_now_ns();
  REQUIRE(agent.client().arm("lossy", {.start_boot_ns = now_ns, .end_boot_ns = now_ns + kLong_ns}));
  CHECK(becomes(R"(fracas_agent_faults{kind="net.loss",state="acting"})", 1));
  CHECK(becomes("fracas_agent_lease_seconds > bool 0", 1));
  REQUIRE(agent.client().revert("lossy"));
  CHECK(becomes(R"(fracas_agent_faults_ended_total{kind="net.loss"})", 1));
  CHECK(becomes(R"(fracas_agent_faults_prepared_total{kind="net.loss"})", 1));
  CHECK(becomes(R"(fracas_agent_calls_total{method="Arm",status="OK"})", 1));
  CHECK(agent.client().arm("unknown", {.start_boot_ns = now_ns, .end_boot_ns = now_ns + kLong_ns}).has_value() ==
        false);
  CHECK(becomes(R"(fracas_agent_calls_total{method="Arm",status="NOT_FOUND"})", 1));
  CHECK(becomes("fracas_agent_certificate_expiry_timestamp_seconds - time() > bool 80 * 86400", 1));
}

void check_dashboard() {
  const json dashboard = json::parse(content(tests::source_dir() + "/deploy/grafana/fracas.json"));
  std::set<std::string> queries;
  const std::function<void(const json&)> collect = [&](const json& part) {
    for (const auto& [key, value] : part.items()) {
      if (key == "expr") queries.insert(value.get<std::string>());
      if (value.is_structured()) collect(value);
    }
  };
  collect(dashboard);
  CHECK(queries.size() >= 10);
  for (const std::string& query : queries) {
    INFO(query);
    // What is compared with a number is there only while a fault acts.
    const bool always = query.find('>') == std::string::npos;
    CHECK(comes_true([&] {
      const json found = ask(query);
      return found.is_array() && (!always || !found.empty());
    }));
  }
}

void play(const Scratch& scratch) {
  auto network = os::RouteSocket::open().value();
  REQUIRE(network.create_bridge("out"));
  REQUIRE(network.set_up("out"));
  OneAgent agent(scratch);
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const json wanted{{"experiment", short_experiment("sim")}};
  const std::string id = controller.post("/api/v1/runs", wanted, token).json["id"];
  CHECK(controller.wait_done(id, token)["verdict"] == "pass");
  const Running server(prometheus(scratch, controller.port()), scratch.path() / "prometheus.log");
  INFO(content(scratch.path() / "prometheus.log"));
  REQUIRE(becomes("sum(up)", 2));

  check_fault(agent);
  CHECK(becomes(R"(fracas_runs_total{world="sim",verdict="pass"})", 1));
  CHECK(becomes(R"(fracas_operations_total{outcome="ok"} > bool 500)", 1));
  check_dashboard();

  const std::string of_controller = get(controller.port(), "/metrics"), of_agent = get(kAgentPort, "/metrics");
  CHECK(complaints(scratch, of_controller) == "");
  CHECK(complaints(scratch, of_agent) == "");
  const std::set<std::string> documented = names_in(content(tests::source_dir() + "/docs/metrics.md"));
  for (const std::string& name : families_in(of_agent)) {
    INFO(name);
    CHECK(documented.contains(name));
  }
  for (const std::string& name : documented) {
    INFO(name);
    if (name.starts_with("fracas_agent_")) CHECK(families_in(of_agent).contains(name));
  }
  CHECK(get(kAgentPort, "/healthz") == "ok\n");
  CHECK(get(kAgentPort, "/other").empty());
}

}  // namespace

TEST_CASE("metrics: Prometheus reads controller and agent, and promtool has nothing to say", "[e2e][serve]") {
  for (const char* program : {"/usr/bin/prometheus", "/usr/bin/promtool"})
    if (!fs::exists(program)) FRACAS_SKIP("there is no Prometheus (Debian: prometheus)");
  const Scratch scratch;
  // An agent attaches to every interface that it sees.
  const auto network = os::NetNamespace::create();
  REQUIRE(network.has_value());
  std::exception_ptr failed;
  const Status played = network->run([&]() -> Status {
    try {
      play(scratch);
    } catch (...) {
      failed = std::current_exception();
    }
    return {};
  });
  CHECK(played);
  if (failed) std::rethrow_exception(failed);
}
