#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

// A fleet as Kubernetes knows it: the nodes on which pods of agents run, with the labels that the nodes have.
// Source: Kubernetes API reference, Pod v1, Node v1, "Common parameters" (limit, continue).
namespace fracas::controller::kubernetes {

// Which pods are agents: "fracas", or "fracas/app.kubernetes.io/name=fracas-agent,tier=db".
struct AgentPods {
  std::string space;     // the namespace
  std::string selector;  // of labels, as the API takes it
};
// ERRORS: no namespace, or one that is none.
Result<AgentPods> parse_agent_pods(std::string_view text);

// What is asked of the API: lists of pods and of nodes, in pieces.
std::string pods_path(const AgentPods& pods, const std::string& go_on);
std::string nodes_path(const std::string& go_on);

// Collects what the API answers, and says where the next piece begins; "" at the end. ERRORS: it is no such list.
class FleetListing {
 public:
  explicit FleetListing(std::string space);
  ~FleetListing();
  FleetListing(const FleetListing&) = delete;
  FleetListing& operator=(const FleetListing&) = delete;

  Result<std::string> add_pods(const std::string& body);
  Result<std::string> add_nodes(const std::string& body);

  // [[host]] tables, in the order of names: each node with an agent, called after it, with the node's labels that a
  // selector can name, the address of the pod and its port "grpc" (7600 where it names none). Agents show the
  // certificate of the service fracas-agents.NAMESPACE.svc. ERRORS: no agent runs.
  Result<std::string> hosts() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace fracas::controller::kubernetes
