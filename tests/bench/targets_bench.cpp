// The bundled stores beside systems of their kind, in labs on this machine, in one run: ./dev bench targets. Needs root
// and Debian's etcd-server, redis-server and redis-tools. Both systems of a pair are up all the time and are asked in
// turn, so that what else the machine does meets both. Takes about two and a half minutes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "controller/target/target.h"
#include "controller/world/lab.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/store_clients.h"

namespace {

using namespace fracas;
using namespace fracas::bench;
namespace fs = std::filesystem;

[[noreturn]] void give_up(const Error& error) {
  fmt::print(stderr, "bench_targets: {}\n", error.message);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return *std::move(result);
}

std::string experiment(const std::string& target) {
  return fmt::format(
      "name = \"bench\"\nduration_max = \"5m\"\nworld = {{ nodes = 3 }}\ntarget = {{ {} }}\nworkload = {{ kind = "
      "\"register\" }}\n",
      target);
}

// A system in a lab of three hosts; both end with the object.
class System {
 public:
  System(const std::string& name, const std::string& target, const fs::path& folder)
      : name_(name), file_(must(model::read_experiment_text(experiment(target), name))) {
    const auto& kind = controller::target_kind(file_.experiment());
    if (kind.installed != nullptr)
      if (auto installed = kind.installed(); !installed) give_up(installed.error());
    lab_ = must(controller::Lab::create({.nodes = 3, .run_directory = folder / name}));
    target_ = must(kind.start({.world = *lab_, .experiment = file_.experiment(), .seed = 1, .stopping = {}}));
  }

  const std::string& name() const { return name_; }
  const controller::World& world() const { return *lab_; }
  std::string leader() const { return target_->ask_leader(); }

 private:
  std::string name_;
  model::ExperimentFile file_;
  std::unique_ptr<controller::Lab> lab_;
  std::unique_ptr<controller::Target> target_;
};

struct Side {
  const System& system;
  StoreClients clients;
};

struct Goals {
  Goal throughput{};
  Goal p99{};
};

LoopResult measure(Report& report, const Side& side, const LoopOptions& options) {
  const LoopResult result = closed_loop(side.system.world(), side.clients, options);
  const std::string what = fmt::format("{}, {} clients: {}", options.operation == Operation::put ? "puts" : "gets",
                                       options.clients, side.system.name());
  report.add(what, result.per_second, "/s");
  report.add(what + ", p50", result.p50_ms, "ms");
  report.add(what + ", p99", result.p99_ms, "ms");
  report.add(what + ", of its clients", result.client_us, "us");
  if (result.failed > 0) report.add(what + ", failed", static_cast<double>(result.failed), "", at_most(0));
  return result;
}

void compare(Report& report, const Side& ours, const Side& theirs, const std::vector<std::size_t>& clients,
             const Goals& goals) {
  for (const Side* side : {&ours, &theirs}) fill(side->system.world(), side->clients, LoopOptions{}.keys);
  for (const Operation operation : {Operation::put, Operation::get})
    for (const std::size_t count : clients) {
      const LoopOptions options{.operation = operation, .clients = count};
      const LoopResult own = measure(report, ours, options);
      const LoopResult other = measure(report, theirs, options);
      report.add("  times its throughput", own.per_second / other.per_second, "x", goals.throughput);
      report.add("  of its p99", own.p99_ms / other.p99_ms, "x", goals.p99);
    }
}

// As many entries between snapshots as etcd has where nothing is said.
void raft_and_etcd(Report& report, const fs::path& folder) {
  const System raft("raft", R"(kind = "raft", options = { snapshot_every = 100000 })", folder);
  const System etcd("etcd", R"(kind = "etcd")", folder);
  report.heading("Raft store and etcd: 3 nodes, each write synced, 256 bytes, linearizable gets");
  compare(report, {raft, raft_store(raft.world())}, {etcd, etcd_store(etcd.world(), etcd.leader())}, {1, 4, 16, 64},
          {at_least(2), at_most(0.5)});
}

void quorum_and_redis(Report& report, const fs::path& folder) {
  const System quorum("quorum", R"(kind = "quorum")", folder);
  const System redis("redis-cluster", R"(kind = "redis-cluster")", folder);
  report.heading("Quorum store (N 3, R 2, W 2, atomic, synced) and Redis Cluster (WAIT 1, synced once a second)");
  compare(report, {quorum, quorum_store(quorum.world())}, {redis, redis_cluster_store(redis.world())}, {1, 16, 64}, {});
}

void labs(Report& report, const fs::path& folder) {
  report.heading("Labs: hosts with network, cgroup, data folder and agent");
  for (const unsigned hosts : {3U, 5U, 10U, 25U, 50U}) {
    const std::int64_t begin_ns = os::boot_now_ns();
    auto lab = must(controller::Lab::create({.nodes = hosts, .run_directory = folder / fmt::format("lab-{}", hosts)}));
    const std::int64_t made_ns = os::boot_now_ns();
    const std::vector<std::string> left = lab->tear_down();
    const std::int64_t gone_ns = os::boot_now_ns();
    report.add(fmt::format("{} hosts made", hosts), static_cast<double>(made_ns - begin_ns) / 1e9, "s");
    report.add(fmt::format("{} hosts removed", hosts), static_cast<double>(gone_ns - made_ns) / 1e9, "s");
    report.add(fmt::format("{} hosts: what is left", hosts), static_cast<double>(left.size()), "", at_most(0));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the bundled stores beside etcd and Redis Cluster, and how soon a lab is made."};
  std::string json, only;
  app.add_option("--json", json, "write the results to this file");
  app.add_option("--only", only, "raft, quorum or labs")->check(CLI::IsMember({"raft", "quorum", "labs"}));
  CLI11_PARSE(app, argc, argv);
  const fs::path folder = controller::lab_state_root() / "bench";
  Report report;
  report.begin();
  if (only.empty() || only == "labs") labs(report, folder);
  if (only.empty() || only == "raft") raft_and_etcd(report, folder);
  if (only.empty() || only == "quorum") quorum_and_redis(report, folder);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  report.summarise();
  return json.empty() || report.write_json(json) ? 0 : 1;
}
