#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/workload/client.h"

// Clients that have a node of their own, as most applications do: they stay with it as long as it answers.
namespace fracas::controller {

class World;
struct Host;

// What became of a call at one node.
struct Attempt {
  Answer answer = {};        // `node` is filled in by the caller
  bool ask_another = false;  // of a fail: this node refuses or cannot, another one might do it
};

// A connection to one node. Used by one thread.
class NodeConnection {
 public:
  NodeConnection() = default;
  NodeConnection(const NodeConnection&) = delete;
  NodeConnection& operator=(const NodeConnection&) = delete;
  virtual ~NodeConnection() = default;

  // Returns within `timeout`, give or take a scheduling delay.
  virtual Attempt attempt(const Call& call, Duration timeout) = 0;
};

struct BoundClients {
  std::vector<std::string> nodes;
  Duration attempt_timeout{};
  // Connects to a node; whether it is there may show only at the first attempt. Called on the client's thread.
  std::function<std::unique_ptr<NodeConnection>(const std::string& node)> connect;
};

// A call that a node refused, or a read it did not answer, goes to the next node, to each at most once; the client then
// stays with the one that answered. A read without any answer is a fail: it changed nothing.
ClientFactory bound_clients(BoundClients options);

// The same with the hosts of `world` that are no spares, which must outlive the clients.
ClientFactory bound_clients(const World& world, Duration attempt_timeout,
                            std::function<std::unique_ptr<NodeConnection>(const Host& host)> connect);

}  // namespace fracas::controller
