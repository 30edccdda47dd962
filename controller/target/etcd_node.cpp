#include "controller/target/etcd_node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fracas::controller {
namespace {

std::string peer_url(const Host& host) {
  return fmt::format("http://{}:2380", host.ipv4);
}

}  // namespace

std::string etcd_url(const Host& host) {
  return fmt::format("http://{}:2379", host.ipv4);
}

std::vector<std::string> etcd_argv(const Host& host, const std::vector<Host>& nodes, const EtcdNodeOptions& options) {
  std::vector<std::string> members;
  for (const Host& node : nodes) members.push_back(fmt::format("{}={}", node.name, peer_url(node)));
  return {"/usr/bin/etcd",
          "--name=" + host.name,
          "--data-dir=" + options.data.string(),
          "--listen-peer-urls=" + peer_url(host),
          "--initial-advertise-peer-urls=" + peer_url(host),
          "--listen-client-urls=" + etcd_url(host),
          "--advertise-client-urls=" + etcd_url(host),
          fmt::format("--initial-cluster={}", fmt::join(members, ",")),
          "--initial-cluster-state=new",
          "--logger=zap",
          fmt::format("--heartbeat-interval={}", options.heartbeat.count() / 1'000'000),
          fmt::format("--election-timeout={}", options.election_timeout.count() / 1'000'000)};
}

}  // namespace fracas::controller
