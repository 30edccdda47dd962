#include "controller/target/galera_target.h"

#include <fmt/format.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/galera_calls.h"
#include "controller/target/galera_node.h"
#include "controller/target/maria_connection.h"
#include "controller/target/nodes.h"
#include "controller/target/shape.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using model::EventType;
using model::Function;
using Rows = MariaConnection::Rows;
using Failure = MariaConnection::Failure;

constexpr Duration kStartMax = std::chrono::seconds(90);
constexpr std::int64_t kAskMaxNs = 200'000'000;
constexpr std::int64_t kPrepareMaxNs = 20'000'000'000;
constexpr std::size_t kNodesMin = 3;

struct CallOptions {
  Shape shape = Shape::single;
  bool locking_reads = false;
};

class ServerConnection final : public NodeConnection {
 public:
  ServerConnection(const Host& host, CallOptions options) : host_(host), options_(options) { connect(); }

  Attempt attempt(const Call& call, Duration timeout) override {
    deadline_ns_ = os::boot_now_ns() + timeout.count();
    if (call.function == Function::transfer) return transfer(call);
    const auto rows = connection_->execute(galera::statement_of(call, options_.shape), deadline_ns_);
    if (rows) return {.answer = galera::answer_of(call, options_.shape, *rows)};
    return missed(rows.error());
  }

 private:
  void connect() { connection_.emplace(host_.ipv4, galera::kDatabase); }

  static Attempt missed(const Failure& failure) {
    return {
        .answer = {.type = galera::is_definite(failure) ? EventType::fail : EventType::info, .error = failure.error},
        .ask_another = galera::should_ask_another(failure)};
  }

  // Up to COMMIT nothing is done for certain: a new connection leaves the transaction behind, which is rolled back.
  Attempt given_up(const Failure& failure) {
    connect();
    return {.answer = {.type = EventType::fail, .error = failure.error},
            .ask_another = galera::should_ask_another(failure)};
  }

  Attempt transfer(const Call& call) {
    const galera::Transfer transfer = galera::transfer_of(call);
    if (const auto begun = connection_->execute("START TRANSACTION", deadline_ns_); !begun)
      return given_up(begun.error());
    const auto balances = connection_->execute(galera::balances_of(transfer, options_.locking_reads), deadline_ns_);
    if (!balances) return given_up(balances.error());
    const auto moves = galera::moves_of(transfer, *balances);
    if (!moves) return given_up({.error = "too little on the account"});
    for (const std::string& move : *moves)
      if (const auto moved = connection_->execute(move, deadline_ns_); !moved) return given_up(moved.error());
    const auto committed = connection_->execute("COMMIT", deadline_ns_);
    if (!committed) return missed(committed.error());
    return {.answer = {.type = EventType::ok}};
  }

  Host host_;
  CallOptions options_;
  std::optional<MariaConnection> connection_;
  std::int64_t deadline_ns_ = 0;
};

class GaleraTarget final : public Target {
 public:
  GaleraTarget(const World& world, CallOptions options) : world_(world), options_(options) {}

  std::string ask_leader() const override { return {}; }  // all are equal

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<ServerConnection>(host, options_);
    });
  }

 private:
  const World& world_;
  CallOptions options_;
};

Status start_host(const TargetStart& start, const std::vector<Host>& nodes, std::size_t number) {
  const model::GaleraTarget& options = start.experiment.target().galera();
  const Host& host = nodes[number];
  const std::filesystem::path config = host.data / "server.cnf";
  const std::string text = galera_config(nodes, number, {.sync_wait = options.sync_wait(), .flush = options.flush()});
  if (auto written = os::write_file_durably(config, text); !written) return written;
  return start.world.start_node(
      host, command_line({.argv = {"/usr/sbin/mariadbd", "--defaults-file=" + config.string()},
                          .environment = {{"HOME", host.data.string()}, {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}},
                          .user = "mysql"}));
}

// What one number that a statement asks for is; nothing where the server does not answer.
std::optional<std::string> ask(const Host& host, const std::string& statement, std::size_t column) {
  const auto rows = MariaConnection(host.ipv4, "").execute(statement, os::boot_now_ns() + kAskMaxNs);
  if (!rows || rows->rows.empty() || rows->rows.front().size() <= column) return std::nullopt;
  return rows->rows.front()[column];
}

std::optional<NotReady> missing_in(const std::vector<Host>& nodes) {
  for (const Host& host : nodes) {
    const auto state = ask(host, "SHOW STATUS LIKE 'wsrep_local_state_comment'", 1);
    if (state != "Synced")
      return NotReady{.host = host.name, .why = "it is not in step: " + state.value_or("no answer")};
    const auto size = ask(host, "SHOW STATUS LIKE 'wsrep_cluster_size'", 1);
    if (size != std::to_string(nodes.size()))
      return NotReady{.host = host.name, .why = fmt::format("it sees {} servers", size.value_or("no"))};
  }
  return std::nullopt;
}

Status prepare(const TargetStart& start, const Host& first) {
  const model::Workload& workload = start.experiment.workload();
  Status outcome;
  std::jthread([&] {
    if (outcome = start.world.join_clients(); !outcome) return;
    MariaConnection connection(first.ipv4, "");
    for (const std::string& statement : galera::preparation(workload.keys(), workload.bank().balance())) {
      const auto done = connection.execute(statement, os::boot_now_ns() + kPrepareMaxNs);
      if (done) continue;
      outcome = failure(statement + ": " + done.error().error);
      return;
    }
  }).join();
  return outcome;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const std::vector<Host> nodes = nodes_of(start.world);
  if (nodes.size() < kNodesMin) return failure("galera needs three nodes", EINVAL);
  if (auto made = make_galera_data(nodes); !made) return failure(std::move(made).error().context("galera"));
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (auto started = start_host(start, nodes, i); !started) return failure(std::move(started).error());
  const auto ready = wait_until_ready(start, kStartMax, [&] { return missing_in(nodes); });
  if (!ready) return failure(ready.error());
  if (auto prepared = prepare(start, nodes.front()); !prepared)
    return failure(std::move(prepared).error().context("galera"));
  const std::string accounts = std::to_string(start.experiment.workload().keys());
  const auto everywhere = wait_until_ready(start, kStartMax, [&]() -> std::optional<NotReady> {
    for (const Host& host : nodes)
      if (ask(host, "SELECT COUNT(*) FROM store.accounts", 0) != accounts)
        return NotReady{.host = host.name, .why = "it has not got the tables yet"};
    return std::nullopt;
  });
  if (!everywhere) return failure(everywhere.error());
  return std::make_unique<GaleraTarget>(
      start.world, CallOptions{.shape = shape_of(start.experiment.workload()),
                               .locking_reads = start.experiment.target().galera().locking_reads()});
}

Status installed() {
  if (auto programs = need_programs({{"/usr/sbin/mariadbd", "mariadb-server"},
                                     {"/usr/bin/mariadb-install-db", "mariadb-server"},
                                     {"/usr/bin/rsync", "rsync"}});
      !programs)
    return programs;
  return need_files({{"/usr/lib/galera/libgalera_smm.so", "galera-4"}});
}

}  // namespace

const TargetKind kGaleraTarget{.name = "galera",
                               .workloads = {"register", "cas-register", "append", "set", "bank"},
                               .installed = installed,
                               .start = start_and_wait};

}  // namespace fracas::controller
