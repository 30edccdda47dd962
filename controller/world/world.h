#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::controller {

class AgentClient;

// The name under which every host's target node runs as a service of its agent; process faults name it.
inline constexpr std::string_view kNodeService = "node";

// One machine of a world.
struct Host {
  std::string name;  // "n1", "n2", … run a node of the target; spares "x1", "x2", … run nothing
  std::string ipv4;  // without prefix length: "10.77.0.11"
  std::string ipv6;  // without brackets: "fd77::11"
  bool spare = false;
  std::filesystem::path data;   // folder on the host for its node's data; exists, empty at first
  std::filesystem::path files;  // RUN/nodes/NAME: agent.log, node.log and events.jsonl end up here
};

// Where an experiment runs: the one seam between the runner and hosts. Faults go through the hosts' agents.
// Thread: hosts, find, agent, join_clients and join_host may be called from any thread, all else from one at a time.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;  // tears down

  virtual const std::vector<Host>& hosts() const = 0;
  // REQUIRES: a host of that name. The reference is good as long as the world; after tear_down its calls fail.
  virtual AgentClient& agent(std::string_view host) = 0;

  // The host's agent is lost: it is not asked for anything any more. Thread: any.
  virtual void lose(std::string_view host) { static_cast<void>(host); }

  // Moves the calling thread, for good, to where clients of the target are: sockets it makes from now on reach the
  // hosts. For threads made for that. ERRORS: the world is torn down.
  virtual Status join_clients() const = 0;

  // The same to where a host's own programs are: what they reach by their network, the thread does. ERRORS: as
  // join_clients; there is no such host, or nothing of ours on it can do that.
  virtual Status join_host(std::string_view host) const;

  // ADDRESS:PORT of a DNS server that the hosts reach and that knows each as NAME.lab, by both its addresses.
  virtual std::string resolver() const = 0;

  // What exists of this world at this moment, one line each; empty before it is made and after it is gone.
  virtual std::vector<std::string> leftovers() const = 0;
  // Stops everything, removes everything and returns what is left in spite of it. Idempotent.
  virtual std::vector<std::string> tear_down() = 0;

  // The host of that name, or nothing.
  const Host* find(std::string_view host) const;

  // Starts `argv` as the host's node, its output appended to `files`/node.log. ERRORS: one runs already, or the
  // agent's.
  Status start_node(const Host& host, const std::vector<std::string>& argv);
  // The same beside the node, for what else its host must run; the output goes to `files`/NAME.log. Faults of processes
  // leave it alone, those of the network do not. REQUIRES: a name of letters, digits, '.', '_' and '-'.
  Status start_beside_node(const Host& host, std::string_view name, const std::vector<std::string>& argv);
  // Stops the host's node; one that does not run is no error.
  Status stop_node(const Host& host);
};

}  // namespace fracas::controller
