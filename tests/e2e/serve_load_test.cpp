// Many ask while a run records: nothing of either is lost.
#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"

namespace {

using namespace fracas::test;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kClients = 10;
constexpr int kRequestsPerSecond = 500;

// FRACAS_SERVE_LOAD_SECONDS asks for more than CI has time for.
int load_seconds() {
  const char* wanted = std::getenv("FRACAS_SERVE_LOAD_SECONDS");
  return wanted ? std::atoi(wanted) : 3;
}

// One node and mostly reads: it is the recording that is to be busy, not the system that is recorded.
json busy_experiment(int seconds) {
  return {{"experiment", fmt::format(R"(name = "busy"
seed = 7
duration_max = "{}s"
[world]
nodes = 1
[target]
kind = "raft"
options = {{ reads = "lease" }}
[workload]
kind = "register"
clients = 200
keys = 2000
reads = "95%"
rate = "20000/s"
[phases]
warmup = "1s"
faults = "{}s"
recover = "1s"
[[check]]
kind = "availability"
)",
                                     seconds + 60, seconds)}};
}

struct Answers {
  std::vector<double> milliseconds;
  int failed = 0;
};

// A client that asks in even steps, on one connection.
Answers ask_evenly(int port, const std::string& token, int client, int seconds) {
  const std::array<std::string, 5> paths{"/api/v1/me", "/api/v1/runs?limit=5", "/metrics", "/api/v1/runs/none",
                                         "/healthz"};
  httplib::Client connection("127.0.0.1", port);
  connection.set_keep_alive(true);
  connection.set_tcp_nodelay(true);
  const httplib::Headers headers{{"Authorization", "Bearer " + token}};
  Answers answers;
  const auto step = std::chrono::microseconds(1'000'000 * kClients / kRequestsPerSecond);
  auto next = Clock::now() + step * client / kClients;
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  for (std::size_t i = 0; next < end; next += step, ++i) {
    std::this_thread::sleep_until(next);
    const auto begin = Clock::now();
    const std::string& path = paths.at(i % paths.size());
    const auto answer = connection.Get(path, headers);
    const int expected = path.ends_with("none") ? 404 : 200;
    if (!answer || answer->status != expected) ++answers.failed;
    answers.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  return answers;
}

double count_lines(const std::filesystem::path& file, const std::string& mark) {
  std::ifstream in(file);
  double count = 0;
  for (std::string line; std::getline(in, line);) count += line.find(mark) != std::string::npos ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("serve: 500 requests a second are answered while a run records, and no operation is lost", "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const int seconds = load_seconds();
  const std::string id = controller.post("/api/v1/runs", busy_experiment(seconds), token).json["id"];
  controller.wait_for(id, token, [](const json& run) { return run.value("ok", 0.0) > 0; });
  std::vector<Answers> answers(kClients);
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i)
      clients.emplace_back(
          [&, i] { answers[static_cast<std::size_t>(i)] = ask_evenly(controller.port(), token, i, seconds); });
  }
  const json run = controller.wait_done(id, token);
  INFO(run.dump());
  std::vector<double> all;
  int failed = 0;
  for (const Answers& each : answers) {
    all.insert(all.end(), each.milliseconds.begin(), each.milliseconds.end());
    failed += each.failed;
  }
  std::sort(all.begin(), all.end());
  CHECK(failed == 0);
  CHECK(all.size() > static_cast<std::size_t>(kRequestsPerSecond * seconds * 9 / 10));
  const auto history = scratch.path() / "controller/runs" / id / "history.jsonl";
  const double recorded = count_lines(history, "\"type\":\"ok\"");
  CHECK(run["verdict"] == "pass");
  CHECK(run["ok"].get<double>() == recorded);
  CHECK(run["info"].get<double>() == count_lines(history, "\"type\":\"info\""));
  WARN(all.size() << " requests, p50 " << all[all.size() / 2] << " ms, p99 " << all[all.size() * 99 / 100] << " ms; "
                  << recorded / (seconds + 2) << " operations/s recorded");
}
