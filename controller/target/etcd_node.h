#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/quantity.h"

namespace fracas::controller {

struct EtcdNodeOptions {
  std::filesystem::path data;  // its folder, made where it is missing
  Duration heartbeat = std::chrono::milliseconds(100);
  Duration election_timeout = std::chrono::seconds(1);
};

// Where clients of a host's etcd go: "http://10.77.0.11:2379".
std::string etcd_url(const Host& host);

// The command of one member of an etcd cluster on all of `nodes`.
std::vector<std::string> etcd_argv(const Host& host, const std::vector<Host>& nodes, const EtcdNodeOptions& options);

}  // namespace fracas::controller
