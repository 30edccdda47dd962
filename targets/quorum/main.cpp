// fracas-quorum: one member of the bundled Dynamo-style store. This file only reads the command line.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "lib/base/log.h"
#include "lib/base/quantity.h"
#include "targets/node/shell/member_arguments.h"
#include "targets/quorum/shell/server.h"

namespace {

using namespace fracas;

constexpr int kCouldNotRun = 5;
constexpr int kBadInput = 6;

struct Arguments {
  std::string name;
  std::string listen;
  std::vector<std::string> peers;
  std::string data;
  bool no_fsync = false;
  std::uint32_t replicas = 3;
  std::uint32_t virtual_nodes = 32;
  std::string gossip = "50ms";
  std::string anti_entropy = "500ms";
  std::string tombstone_grace = "10m";
  bool no_read_repair = false;
  bool no_hinted_handoff = false;
  std::uint64_t seed = 1;
  std::vector<std::string> bugs;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--name", arguments.name, "this member's name")->required();
  app.add_option("--listen", arguments.listen, "address for members and clients: 10.0.0.1:7000 or [fd00::1]:7000")
      ->required();
  app.add_option("--peer", arguments.peers, "another member, NAME=ADDRESS; once for each")->allow_extra_args(false);
  app.add_option("--data", arguments.data, "folder of the journal")->required();
  app.add_flag("--no-fsync", arguments.no_fsync, "survive the death of the process, but not of the machine");
  app.add_option("--replicas", arguments.replicas, "members that hold a copy of a key")->check(CLI::Range(1, 1000));
  app.add_option("--virtual-nodes", arguments.virtual_nodes, "places of each member on the ring")
      ->check(CLI::Range(1, 1000));
  app.add_option("--gossip", arguments.gossip, "how often to tell another member who is alive");
  app.add_option("--anti-entropy", arguments.anti_entropy, "how often to compare keys with another member; 0s: never");
  app.add_option("--tombstone-grace", arguments.tombstone_grace, "how long a deleted key is remembered as such");
  app.add_flag("--no-read-repair", arguments.no_read_repair, "reads bring nobody up to date");
  app.add_flag("--no-hinted-handoff", arguments.no_hinted_handoff, "keep nothing for members that are silent");
  app.add_option("--seed", arguments.seed, "of whom to gossip with");
  app.add_option("--bug", arguments.bugs, "plants a mistake, see targets/quorum/bugs.toml")->allow_extra_args(false);
}

Status add_peer(quorum::ServerOptions& options, const std::string& text) {
  const auto split = node::split_peer(text);
  if (!split) return failure(split.error());
  const auto& [name, where] = *split;
  const auto address = node::parse_address(where);
  if (!address) return failure(fmt::format("--peer {}: {}", name, address.error().message));
  if (!options.peers.emplace(name, *address).second) return failure(fmt::format("--peer {}: named twice", name));
  return {};
}

Status set_duration(Duration& field, const char* option, const std::string& text, Duration least) {
  const auto parsed = parse_duration(text);
  if (!parsed) return failure(fmt::format("{}: {}", option, parsed.error().message));
  if (*parsed < least) return failure(fmt::format("{}: at least {}", option, format_duration(least)));
  field = *parsed;
  return {};
}

Status set_members(quorum::ServerOptions& options, const Arguments& arguments) {
  if (auto good = node::check_member_name(arguments.name); !good)
    return failure(std::move(good).error().context("--name"));
  for (const std::string& peer : arguments.peers)
    if (auto added = add_peer(options, peer); !added) return added;
  if (options.peers.contains(arguments.name)) return failure(fmt::format("--peer {}: named twice", arguments.name));
  std::vector<std::string>& members = options.quorum.members;
  members.push_back(arguments.name);
  for (const auto& [name, address] : options.peers) members.push_back(name);
  std::ranges::sort(members);
  options.quorum.self = static_cast<quorum::Member>(std::ranges::find(members, arguments.name) - members.begin());
  return {};
}

Result<quorum::ServerOptions> options_from(const Arguments& arguments) {
  quorum::ServerOptions options;
  const auto listen = node::parse_address(arguments.listen);
  if (!listen) return failure("--listen: " + listen.error().message);
  options.listen = *listen;
  if (auto set = set_members(options, arguments); !set) return failure(std::move(set).error());
  quorum::Options& store = options.quorum;
  for (const std::string& bug : arguments.bugs)
    if (!quorum::plant(store.bugs, bug))
      return failure(fmt::format("--bug {}: no such bug; there are {}", bug, fmt::join(quorum::bug_names(), ", ")));
  constexpr Duration kTick = std::chrono::milliseconds(10);
  for (const Status& set : {set_duration(store.gossip, "--gossip", arguments.gossip, kTick),
                            set_duration(store.anti_entropy, "--anti-entropy", arguments.anti_entropy, Duration{}),
                            set_duration(store.tombstone_grace, "--tombstone-grace", arguments.tombstone_grace, kTick)})
    if (!set) return failure(set.error());
  store.replicas = arguments.replicas;
  store.virtual_nodes = arguments.virtual_nodes;
  store.read_repair = !arguments.no_read_repair;
  store.hinted_handoff = !arguments.no_hinted_handoff;
  store.seed = arguments.seed;
  options.data = arguments.data;
  options.fsync = !arguments.no_fsync;
  return options;
}

int give_up(const std::string& message, int code) {
  fmt::print(stderr, "fracas-quorum: {}\n", message);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("One member of the bundled Dynamo-style key-value store.", "fracas-quorum");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    return give_up(error.what(), kBadInput);
  }
  auto options = options_from(arguments);
  if (!options) return give_up(options.error().message, kBadInput);
  log::start("fracas-quorum", log::Level::info);
  auto server = quorum::Server::open(std::move(*options));
  if (!server) return give_up(server.error().message, kCouldNotRun);
  if (auto served = (*server)->run(); !served) return give_up(served.error().message, kCouldNotRun);
  return 0;
}
