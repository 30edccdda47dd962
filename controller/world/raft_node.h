#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

// The life of the bundled Raft store on the nodes of a world. What the options mean: `fracas-raft --help`.
namespace fracas::controller {

struct RaftOptions {
  std::filesystem::path program{};  // empty: fracas-raft beside the running binary
  bool ipv6 = false;                // which addresses nodes and clients use
  bool fsync = true;
  std::vector<std::string> bugs{};
  Duration election_timeout = std::chrono::milliseconds(150);
  Duration heartbeat = std::chrono::milliseconds(50);
  unsigned snapshot_every = 1000;
  bool lease_reads = false;
  double clock_drift_max = 0.01;  // lease_reads only
  Duration lock_ttl = std::chrono::milliseconds(500);
  unsigned members = 0;    // so many of the first nodes vote at the beginning; 0: all
  std::string resolver{};  // as World::resolver: nodes know each other by name and ask there; empty: by address
  std::uint64_t seed = 0;
};

// The command that runs `host`'s node, with all other hosts that are no spares as its peers. Pure.
std::vector<std::string> raft_argv(const Host& host, const std::vector<Host>& hosts, const RaftOptions& options);

// Starts a node on every host that is no spare, all at once. ERRORS: the first that could not be started.
Status start_raft(World& world, const RaftOptions& options);

// What the nodes said when asked all at once.
struct RaftReading {
  std::string leader;                // who leads with a majority behind it; empty: nobody
  std::uint64_t term = 0;            // of that leader
  std::vector<std::string> serving;  // nodes that answered and follow that leader, itself included
  std::vector<std::string> silent;   // nodes that did not answer
};

// Asks every node, from where the clients are, and waits at most `timeout`. Thread: any.
RaftReading read_raft(const World& world, bool ipv6, Duration timeout);

// Waits until a majority of the nodes follows one leader. ERRORS: not within `within`: who leads, who does not answer
// and the end of that node's log (ETIMEDOUT); `stopping` was asked to stop (ECANCELED).
Result<RaftReading> wait_until_raft_serves(const World& world, bool ipv6, Duration within,
                                           const std::stop_token& stopping);

}  // namespace fracas::controller
