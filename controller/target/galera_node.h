#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/result.h"

// The files with which MariaDB servers come up as one cluster, each started in the same way at any time.
namespace fracas::controller {

struct GaleraNodeOptions {
  bool sync_wait = false;
  bool flush = true;
};

// A fresh database for the first of the nodes, and copies of it, byte for byte, for the others: so nobody has to be
// given the first one's state. In each it says that all of them were one cluster, which they then restore
// (pc.recovery): none is special, not even at the first start. ERRORS: as of mariadb-install-db and cp; see their logs.
Status make_galera_data(const std::vector<Host>& nodes);

// The configuration of `nodes[number]`.
std::string galera_config(const std::vector<Host>& nodes, std::size_t number, const GaleraNodeOptions& options);

// What a node knows of the cluster's state (grastate.dat) and last members (gvwstate.dat). Source: Galera 26.4,
// galera/src/saved_state.cpp and gcomm/src/view.cpp.
std::string galera_saved_state();
std::string galera_saved_view(std::size_t nodes, std::size_t number);

}  // namespace fracas::controller
