// fracas-raft: one member of the bundled Raft store. This file only reads the command line.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/log.h"
#include "lib/base/quantity.h"
#include "targets/node/shell/member_arguments.h"
#include "targets/raft/control/control.h"
#include "targets/raft/shell/server.h"

namespace {

using namespace fracas;

constexpr int kCouldNotRun = 5;
constexpr int kBadInput = 6;

struct Arguments {
  std::string name;
  std::string listen;
  std::vector<std::string> peers;
  std::vector<std::string> members;
  std::string resolver;
  std::string data;
  std::string events;
  bool no_fsync = false;
  std::string election_timeout = "150ms";
  std::string heartbeat = "50ms";
  std::uint64_t snapshot_every = 10'000;
  std::string reads = "index";
  double clock_drift_max = 0.01;
  std::string lock_ttl = "500ms";
  std::uint64_t seed = 1;
  std::vector<std::string> bugs;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--name", arguments.name, "this member's name")->required();
  app.add_option("--listen", arguments.listen, "address for members and clients: 10.0.0.1:7000 or [fd00::1]:7000")
      ->required();
  app.add_option("--peer", arguments.peers, "another member, NAME=ADDRESS or NAME=HOST:PORT; once for each")
      ->allow_extra_args(false);
  app.add_option("--member", arguments.members,
                 "who votes before the log says otherwise; once for each (default: this member and all peers)")
      ->allow_extra_args(false);
  app.add_option("--resolver", arguments.resolver, "DNS servers for members that are hosts: 10.0.0.53:53");
  app.add_option("--data", arguments.data, "folder of the write-ahead log")->required();
  app.add_option("--events", arguments.events, "file of the node events, appended to")->required();
  app.add_flag("--no-fsync", arguments.no_fsync, "survive the death of the process, but not of the machine");
  app.add_option("--election-timeout", arguments.election_timeout, "least wait for a leader before a campaign");
  app.add_option("--heartbeat", arguments.heartbeat, "how often a leader speaks up");
  app.add_option("--snapshot-every", arguments.snapshot_every, "applied entries between snapshots");
  app.add_option("--reads", arguments.reads, "index: a majority confirms every read; lease: none while a lease lasts")
      ->check(CLI::IsMember({"index", "lease"}));
  app.add_option("--clock-drift-max", arguments.clock_drift_max, "with leases: a clock's largest error, as a share")
      ->check(CLI::Range(0.0, 0.9));
  app.add_option("--lock-ttl", arguments.lock_ttl, "how long a client may keep a lock");
  app.add_option("--seed", arguments.seed, "of the election timeouts");
  app.add_option("--bug", arguments.bugs, "plants a mistake, see targets/raft/bugs.toml")->allow_extra_args(false);
}

Status set_bug(raft::Bugs& bugs, const std::string& name) {
  if (raft::plant(bugs, name)) return {};
  return failure(fmt::format("--bug {}: no such bug; there are {}", name, fmt::join(raft::bug_names(), ", ")));
}

Status add_peer(raft::ServerOptions& options, const std::string& text) {
  const auto split = node::split_peer(text);
  if (!split) return failure(split.error());
  const auto& [name, where] = *split;
  const auto address = node::parse_peer_address(where);
  if (!address) return failure(fmt::format("--peer {}: {}", name, address.error().message));
  if (std::holds_alternative<node::NamedAddress>(*address) && options.resolver.empty())
    return failure(fmt::format("--peer {}: a host name needs --resolver", name));
  const raft::NodeId peer(name);
  if (peer == options.raft.self || !options.peers.emplace(peer, *address).second)
    return failure(fmt::format("--peer {}: named twice", name));
  options.raft.peers.push_back(peer);
  return {};
}

Status add_member(raft::ServerOptions& options, const std::string& name) {
  const raft::NodeId member(name);
  if (member != options.raft.self && !options.peers.contains(member))
    return failure(fmt::format("--member {}: neither this member nor a peer", name));
  const auto& known = options.raft.members;
  if (std::find(known.begin(), known.end(), member) != known.end())
    return failure(fmt::format("--member {}: named twice", name));
  options.raft.members.push_back(member);
  return {};
}

Status set_times(raft::Options& options, const Arguments& arguments) {
  const auto election = parse_duration(arguments.election_timeout);
  if (!election) return failure("--election-timeout: " + election.error().message);
  const auto heartbeat = parse_duration(arguments.heartbeat);
  if (!heartbeat) return failure("--heartbeat: " + heartbeat.error().message);
  if (*heartbeat < std::chrono::milliseconds(10)) return failure("--heartbeat: at least 10ms");
  if (*election < 2 * *heartbeat) return failure("--election-timeout: at least twice the heartbeat");
  if (*election > std::chrono::minutes(1)) return failure("--election-timeout: at most 1m");
  const auto lock_ttl = parse_duration(arguments.lock_ttl);
  if (!lock_ttl) return failure("--lock-ttl: " + lock_ttl.error().message);
  options.lock_ttl = *lock_ttl;
  options.election_timeout = *election;
  options.heartbeat = *heartbeat;
  return {};
}

Result<raft::ServerOptions> options_from(const Arguments& arguments) {
  raft::ServerOptions options;
  if (auto good = node::check_member_name(arguments.name); !good)
    return failure(std::move(good).error().context("--name"));
  options.raft.self = raft::NodeId(arguments.name);
  const auto listen = node::parse_address(arguments.listen);
  if (!listen) return failure("--listen: " + listen.error().message);
  options.listen = *listen;
  options.resolver = arguments.resolver;
  for (const std::string& peer : arguments.peers)
    if (auto added = add_peer(options, peer); !added) return failure(std::move(added).error());
  for (const std::string& member : arguments.members)
    if (auto added = add_member(options, member); !added) return failure(std::move(added).error());
  for (const std::string& bug : arguments.bugs)
    if (auto set = set_bug(options.raft.bugs, bug); !set) return failure(std::move(set).error());
  if (auto set = set_times(options.raft, arguments); !set) return failure(std::move(set).error());
  if (arguments.snapshot_every == 0) return failure("--snapshot-every: at least 1");
  options.raft.snapshot_every = arguments.snapshot_every;
  options.raft.reads = arguments.reads == "lease" ? raft::ReadMode::lease : raft::ReadMode::index;
  options.raft.clock_drift_max = arguments.clock_drift_max;
  options.raft.seed = arguments.seed;
  options.data = arguments.data;
  options.events = arguments.events;
  options.fsync = !arguments.no_fsync;
  return options;
}

int give_up(const std::string& message, int code) {
  fmt::print(stderr, "fracas-raft: {}\n", message);
  return code;
}

// The exit code, where there is nothing more to do. `where` begins what is said of a mistake.
std::optional<int> parse(CLI::App& app, int argc, char** argv, const std::string& where = "") {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    return give_up(where + error.what(), kBadInput);
  }
  return std::nullopt;
}

// Another command of the same program: argv[0] is "control".
int control(int argc, char** argv) {
  CLI::App app("Asks a running cluster who it is, and changes who leads it and who belongs to it.",
               "fracas-raft control");
  app.require_subcommand(1);
  raft::ControlWords words;
  app.add_option("--node", words.nodes, "whom to ask, NAME=ADDRESS; once for each")
      ->required()
      ->allow_extra_args(false);
  app.add_option("--within", words.within, "how long it may take");
  const auto* status = app.add_subcommand("status", "what each node says of itself");
  auto* transfer = app.add_subcommand("transfer", "hand leadership over");
  transfer->add_option("TO", words.to, "who shall lead")->required()->type_name("");
  auto* members = app.add_subcommand("members", "say who belongs to the cluster");
  members->add_option("--voter", words.voters, "a voter; once for each")->required()->allow_extra_args(false);
  members->add_option("--learner", words.learners, "one that is sent the log without a vote; once for each")
      ->allow_extra_args(false);
  if (const auto over = parse(app, argc, argv, "control: ")) return *over;
  const auto done = *status     ? raft::print_status(words)
                    : *transfer ? raft::transfer(words)
                                : raft::change_members(words);
  return done ? 0 : give_up("control: " + done.error().message, kCouldNotRun);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "control") return control(argc - 1, argv + 1);
  CLI::App app("One member of the bundled Raft key-value store.", "fracas-raft");
  Arguments arguments;
  declare(app, arguments);
  if (const auto over = parse(app, argc, argv)) return *over;
  auto options = options_from(arguments);
  if (!options) return give_up(options.error().message, kBadInput);
  log::start("fracas-raft", log::Level::info);
  auto server = raft::Server::open(std::move(*options));
  if (!server) return give_up(server.error().message, kCouldNotRun);
  if (auto served = (*server)->run(); !served) return give_up(served.error().message, kCouldNotRun);
  return 0;
}
