#include "controller/target/galera_node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>

#include "controller/target/nodes.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr std::chrono::milliseconds kInstallMax{60'000};
constexpr const char* kUser = "mysql";
constexpr const char* kCluster = "0fac0000-0000-11ee-8000-000000000000";  // any UUID

std::filesystem::path data_of(const Host& host) {
  return host.data / "db";
}

std::string member(std::size_t number) {
  return fmt::format("{:08x}-0000-11ee-8000-000000000000", number + 1);
}

// They are the server's to write.
Status save(const Host& host, const char* name, const std::string& text) {
  const std::filesystem::path path = data_of(host) / name;
  if (auto written = os::write_file_durably(path, text); !written) return written;
  return give_to_user(path, kUser);
}

}  // namespace

std::string galera_saved_state() {
  return fmt::format("# GALERA saved state\nversion: 2.1\nuuid:    {}\nseqno:   0\nsafe_to_bootstrap: 0\n", kCluster);
}

std::string galera_saved_view(std::size_t nodes, std::size_t number) {
  std::string text = fmt::format("my_uuid: {}\n#vwbeg\nview_id: 3 {} 1\nbootstrap: 0\n", member(number), member(0));
  for (std::size_t i = 0; i < nodes; ++i) text += fmt::format("member: {} 0\n", member(i));
  return text + "#vwend\n";
}

Status make_galera_data(const std::vector<Host>& nodes) {
  const Host& first = nodes.front();
  const std::string data = data_of(first).string();
  const auto log = first.files / "mariadb-install-db.log";
  for (const Host& host : nodes)
    if (auto given = give_to_user(host.data, kUser); !given) return given;
  if (auto made =
          run_program({"/usr/bin/mariadb-install-db", "--no-defaults", std::string("--user=") + kUser,
                       "--datadir=" + data, "--skip-test-db", "--skip-name-resolve", "--innodb-log-file-size=32M"},
                      log, kInstallMax);
      !made)
    return made;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0)
      if (auto copied = run_program({"/bin/cp", "-a", data, data_of(nodes[i]).string()}, log, kInstallMax); !copied)
        return copied;
    if (auto saved = save(nodes[i], "gvwstate.dat", galera_saved_view(nodes.size(), i)); !saved) return saved;
  }
  // The copies are made before the first one is changed.
  for (const Host& host : nodes)
    if (auto saved = save(host, "grastate.dat", galera_saved_state()); !saved) return saved;
  return {};
}

// A server is taken for gone after two seconds of silence. Nobody outside the lab reaches it: there are no passwords.
std::string galera_config(const std::vector<Host>& nodes, std::size_t number, const GaleraNodeOptions& options) {
  const Host& host = nodes[number];
  std::vector<std::string> addresses;
  for (const Host& node : nodes) addresses.push_back(node.ipv4);
  return fmt::format(
      R"([mariadbd]
datadir={data}
socket={home}/socket
pid-file={home}/pid
tmpdir={home}
bind-address={address}
port=3306
skip-grant-tables
skip-name-resolve
performance_schema=OFF
default_storage_engine=InnoDB
innodb_buffer_pool_size=64M
innodb_log_file_size=32M
innodb_autoinc_lock_mode=2
innodb_flush_log_at_trx_commit={flush}
innodb_lock_wait_timeout=2
binlog_format=ROW
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_provider_options="gcache.size=16M;evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;pc.recovery=true"
wsrep_cluster_name=store
wsrep_cluster_address=gcomm://{addresses}
wsrep_node_address={address}
wsrep_node_name={name}
wsrep_sst_method=rsync
wsrep_sync_wait={sync_wait}
)",
      fmt::arg("data", data_of(host).string()), fmt::arg("home", host.data.string()), fmt::arg("address", host.ipv4),
      fmt::arg("flush", options.flush ? 1 : 0), fmt::arg("addresses", fmt::join(addresses, ",")),
      fmt::arg("name", host.name), fmt::arg("sync_wait", options.sync_wait ? 15 : 0));
}

}  // namespace fracas::controller
