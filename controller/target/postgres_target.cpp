#include "controller/target/postgres_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/etcd_node.h"
#include "controller/target/http_client.h"
#include "controller/target/nodes.h"
#include "controller/target/pg_calls.h"
#include "controller/postgres/pg_connection.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using model::EventType;

constexpr Duration kStartMax = std::chrono::seconds(90);
constexpr Duration kAskTimeout = std::chrono::milliseconds(200);
constexpr std::int64_t kPrepareMaxNs = 10'000'000'000;
constexpr const char* kUser = "postgres";
constexpr const char* kServers = "/usr/lib/postgresql/15/bin";

// The servers in the order in which a client of `first` tries them; it takes the one that accepts writes.
std::string settings_of(const World& world, const Host& first) {
  std::vector<std::string> addresses{first.ipv4};
  for (const Host& host : nodes_of(world))
    if (host.name != first.name) addresses.push_back(host.ipv4);
  return fmt::format(
      "host={} port=5432 user={} dbname=postgres target_session_attrs=read-write sslmode=disable gssencmode=disable",
      fmt::join(addresses, ","), kUser);
}

class PgNodeConnection final : public NodeConnection {
 public:
  PgNodeConnection(const World& world, const Host& host, Shape shape)
      : world_(world), connection_(settings_of(world, host)), shape_(shape) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const pg::Statement statement = pg::statement_of(call, shape_);
    auto rows = connection_.execute(statement.text, statement.parameters, os::boot_now_ns() + timeout.count());
    Attempt attempt;
    if (rows) {
      attempt.answer = pg::answer_of(call, shape_, *rows);
    } else {
      attempt.answer.type = pg::is_definite(rows.error()) ? EventType::fail : EventType::info;
      attempt.answer.error = std::move(rows.error().error);
      attempt.ask_another = !rows.error().sent || rows.error().sqlstate == kReadOnly;
    }
    for (const Host& host : world_.hosts())
      if (host.ipv4 == connection_.address()) attempt.answer.node = host.name;
    return attempt;
  }

 private:
  static constexpr std::string_view kReadOnly = "25006";  // a standby by now
  const World& world_;
  PgConnection connection_;
  Shape shape_;
};

// What Patroni's REST interface says: 200 where the path's name is true of the host.
bool is(const char* path, const Host& host) {
  const auto reply = HttpClient(fmt::format("http://{}:8008", host.ipv4)).request(path, "", kAskTimeout);
  return reply && reply->status == 200;
}

class PostgresTarget final : public Target {
 public:
  PostgresTarget(const World& world, Shape shape) : world_(world), shape_(shape) {}

  // A primary that was cut off says so until it notices; while two do, nobody leads for sure.
  std::string ask_leader() const override {
    std::string leader;
    for (const auto& [host, primary] : ask_nodes<bool>(world_, [](const Host& node) { return is("/primary", node); })) {
      if (!primary) continue;
      if (!leader.empty()) return {};
      leader = host;
    }
    return leader;
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<PgNodeConnection>(world_, host, shape_);
    });
  }

 private:
  const World& world_;
  Shape shape_;
};

// YAML in its JSON-like form.
std::string config_of(const Host& host, const std::vector<Host>& nodes, const model::PostgresTarget& options) {
  std::vector<std::string> stores;
  for (const Host& node : nodes) stores.push_back(node.ipv4 + ":2379");
  const std::string network = host.ipv4.substr(0, host.ipv4.rfind('.')) + ".0/24";
  return fmt::format(
      R"(scope: store
name: {name}
restapi: {{listen: "{address}:8008", connect_address: "{address}:8008"}}
etcd3: {{hosts: [{stores}]}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 104857600
    synchronous_mode: {synchronous}
    synchronous_mode_strict: {synchronous}
    postgresql:
      use_pg_rewind: true
      parameters: {{wal_level: replica, hot_standby: "on", max_wal_senders: 8, wal_log_hints: "on", shared_buffers: 32MB,
        max_connections: 100, wal_receiver_timeout: 5s, wal_sender_timeout: 5s}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}, {{auth-host: trust}}, {{auth-local: trust}}]
  pg_hba: ["host replication all {network} trust", "host all all {network} trust", "local all all trust"]
postgresql:
  listen: "{address},127.0.0.1:5432"
  connect_address: "{address}:5432"
  data_dir: "{data}/pg"
  bin_dir: {servers}
  pgpass: "{data}/pgpass"
  authentication:
    superuser: {{username: postgres, password: none}}
    replication: {{username: replicator, password: none}}
    rewind: {{username: postgres, password: none}}
  parameters: {{unix_socket_directories: "{data}"}}
)",
      fmt::arg("name", host.name), fmt::arg("address", host.ipv4), fmt::arg("stores", fmt::join(stores, ", ")),
      fmt::arg("ttl", model::from_proto(options.ttl()).count() / 1'000'000'000),
      fmt::arg("synchronous", options.synchronous()), fmt::arg("network", network),
      fmt::arg("data", host.data.string()), fmt::arg("servers", kServers));
}

Status start_host(const TargetStart& start, const Host& host) {
  const std::vector<Host> nodes = nodes_of(start.world);
  const std::filesystem::path config = host.data / "patroni.yml";
  const auto text = config_of(host, nodes, start.experiment.target().postgres());
  if (auto written = os::write_file_durably(config, text); !written) return written;
  for (const std::filesystem::path& path : {host.data, config})
    if (auto given = give_to_user(path, kUser); !given) return given;
  std::error_code failed;
  const std::filesystem::path store = host.files / "etcd-data";
  std::filesystem::create_directories(store, failed);
  if (failed) return system_failure("create " + store.string(), failed.value());
  if (auto started = start.world.start_beside_node(host, "etcd", etcd_argv(host, nodes, {.data = store})); !started)
    return started;
  return start.world.start_node(
      host, command_line({.argv = {"/usr/bin/patroni", config.string()},
                          .environment = {{"HOME", host.data.string()}, {"LANG", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}},
                          .user = kUser}));
}

Status prepare(const TargetStart& start) {
  const model::Workload& workload = start.experiment.workload();
  Status outcome;
  std::jthread([&] {
    if (outcome = start.world.join_clients(); !outcome) return;
    PgConnection connection(settings_of(start.world, nodes_of(start.world).front()));
    for (const pg::Statement& statement : pg::preparation(workload.keys(), workload.bank().balance())) {
      const auto done = connection.execute(statement.text, statement.parameters, os::boot_now_ns() + kPrepareMaxNs);
      if (done) continue;
      outcome = failure(statement.text + ": " + done.error().error);
      return;
    }
  }).join();
  return outcome;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const auto started = on_nodes(start.world, [&](const Host& host) { return start_host(start, host); });
  if (!started) return failure(started.error());
  const std::vector<Host> nodes = nodes_of(start.world);
  const auto ready = wait_until_ready(start, kStartMax, [&]() -> std::optional<NotReady> {
    bool primary = false;
    for (const Host& host : nodes) {
      if (!is("/health", host)) return NotReady{.host = host.name, .why = "its server does not run yet"};
      primary = primary || is("/primary", host);
    }
    return primary ? std::nullopt : std::optional(NotReady{.host = {}, .why = "there is no primary"});
  });
  if (!ready) return failure(ready.error());
  if (auto prepared = prepare(start); !prepared) return failure(std::move(prepared).error().context("postgres"));
  return std::make_unique<PostgresTarget>(start.world, shape_of(start.experiment.workload()));
}

Status installed() {
  return need_programs({{"/usr/bin/patroni", "patroni"},
                        {"/usr/lib/postgresql/15/bin/postgres", "postgresql-15"},
                        {"/usr/bin/etcd", "etcd-server"}});
}

}  // namespace

const TargetKind kPostgresTarget{.name = "postgres",
                                 .workloads = {"register", "cas-register", "append", "set", "bank"},
                                 .installed = installed,
                                 .start = start_and_wait};

}  // namespace fracas::controller
