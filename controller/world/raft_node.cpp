#include "controller/world/raft_node.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <thread>

#include "controller/world/lab_names.h"
#include "controller/world/log_tail.h"
#include "controller/world/node_programs.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::controller {
namespace {

constexpr unsigned kRaftPort = 7000;
constexpr Duration kAskTimeout = std::chrono::milliseconds(200);
constexpr int kAskAgainMs = 10;

using Statuses = std::map<std::string, std::optional<raft::NodeStatus>>;

std::optional<raft::NodeStatus> ask(const World& world, const Host& host, bool ipv6, Duration timeout) {
  if (!world.join_clients()) return std::nullopt;
  const auto address = node::parse_address(node_endpoint(host, ipv6));
  if (!address) return std::nullopt;
  raft::RaftClient client({.nodes = {{host.name, *address}}});
  auto status = client.status(host.name, timeout);
  if (!status) return std::nullopt;
  return *std::move(status);
}

// A thread for each, because a silent node must not hide the others, and because a thread joins the clients for good.
Statuses ask_all(const World& world, bool ipv6, Duration timeout) {
  const std::vector<Host> nodes = nodes_of(world.hosts());
  Statuses statuses;
  for (const Host& host : nodes) statuses[host.name] = std::nullopt;
  std::vector<std::jthread> askers;
  for (const Host& host : nodes)
    askers.emplace_back(
        [&world, &host, &status = statuses[host.name], ipv6, timeout] { status = ask(world, host, ipv6, timeout); });
  askers.clear();
  return statuses;
}

// Of two that claim to lead, a deposed one is recognised by its smaller term.
RaftReading read(const Statuses& statuses) {
  RaftReading reading;
  for (const auto& [name, status] : statuses) {
    if (!status)
      reading.silent.push_back(name);
    else if (status->role == "leader" && status->term > reading.term)
      reading = {.leader = name, .term = status->term, .serving = {}, .silent = std::move(reading.silent)};
  }
  for (const auto& [name, status] : statuses)
    if (status && !reading.leader.empty() && status->leader == reading.leader && status->term == reading.term)
      reading.serving.push_back(name);
  if (reading.leader.empty()) return reading;
  const std::vector<std::string>& voters = statuses.at(reading.leader)->voters;
  const auto follows = [&](const std::string& voter) {
    return std::ranges::find(reading.serving, voter) != reading.serving.end();
  };
  if (static_cast<std::size_t>(std::ranges::count_if(voters, follows)) * 2 <= voters.size()) reading.leader.clear();
  return reading;
}

Error describe_failure(const World& world, const RaftReading& reading, Duration within) {
  std::string message = fmt::format("the Raft nodes agree on no leader within {}", describe_duration(within));
  if (reading.silent.empty()) return {.message = message + "; all of them answer", .code = ETIMEDOUT};
  message += fmt::format("; no answer from {}", fmt::join(reading.silent, ", "));
  if (const Host* host = world.find(reading.silent.front())) message += log_tail(host->files / "node.log");
  return {.message = std::move(message), .code = ETIMEDOUT};
}

// As the other nodes are told it.
std::string peer_endpoint(const Host& peer, const RaftOptions& options) {
  if (options.resolver.empty()) return node_endpoint(peer, options.ipv6);
  return fmt::format("{}:{}", host_name(peer.name), kRaftPort);
}

}  // namespace

std::vector<std::string> raft_argv(const Host& host, const std::vector<Host>& hosts, const RaftOptions& options) {
  const auto program = options.program.empty() ? os::own_folder() / "fracas-raft" : options.program;
  std::vector<std::string> argv{program.string(),
                                "--name",
                                host.name,
                                "--listen",
                                node_endpoint(host, options.ipv6),
                                "--data",
                                host.data.string(),
                                "--events",
                                (host.files / "events.jsonl").string(),
                                "--election-timeout",
                                format_duration(options.election_timeout),
                                "--heartbeat",
                                format_duration(options.heartbeat),
                                "--snapshot-every",
                                std::to_string(options.snapshot_every),
                                "--lock-ttl",
                                format_duration(options.lock_ttl),
                                "--seed",
                                std::to_string(options.seed)};
  for (const Host& peer : nodes_of(hosts))
    if (peer.name != host.name)
      argv.insert(argv.end(), {"--peer", fmt::format("{}={}", peer.name, peer_endpoint(peer, options))});
  const std::vector<Host> nodes = nodes_of(hosts);
  for (std::size_t i = 0; i < std::min<std::size_t>(options.members, nodes.size()); ++i)
    argv.insert(argv.end(), {"--member", nodes[i].name});
  if (!options.resolver.empty()) argv.insert(argv.end(), {"--resolver", options.resolver});
  if (options.lease_reads)
    argv.insert(argv.end(), {"--reads", "lease", "--clock-drift-max", fmt::format("{}", options.clock_drift_max)});
  if (!options.fsync) argv.emplace_back("--no-fsync");
  for (const std::string& bug : options.bugs) argv.insert(argv.end(), {"--bug", bug});
  return argv;
}

Status start_raft(World& world, const RaftOptions& options) {
  return start_nodes(world, [&](const Host& host) { return raft_argv(host, world.hosts(), options); });
}

RaftReading read_raft(const World& world, bool ipv6, Duration timeout) {
  return read(ask_all(world, ipv6, timeout));
}

Result<RaftReading> wait_until_raft_serves(const World& world, bool ipv6, Duration within,
                                           const std::stop_token& stopping) {
  const std::int64_t deadline = os::boot_now_ns() + within.count();
  for (;;) {
    RaftReading reading = read_raft(world, ipv6, kAskTimeout);
    if (!reading.leader.empty()) return reading;
    if (stopping.stop_requested()) return failure("stopped while waiting for a Raft leader", ECANCELED);
    if (os::boot_now_ns() > deadline) return failure(describe_failure(world, reading, within));
    ::poll(nullptr, 0, kAskAgainMs);
  }
}

}  // namespace fracas::controller
