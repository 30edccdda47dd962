#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/faults/net.h"
#include "lib/os/fd.h"
#include "lib/os/netns.h"

// What the network benches run on: two hosts joined by a veth pair, in namespaces that vanish with the program.
// A step that fails ends the program with one line on stderr.
namespace fracas::bench {

struct Hosts {
  os::NetNamespace a;  // 10.77.0.1 on va
  os::NetNamespace b;  // 10.77.0.2 on vb
};
Hosts make_hosts();

std::unique_ptr<agent::NetPlane> open_plane(const os::NetNamespace& netns);
std::unique_ptr<agent::Effect> prepare(agent::NetPlane& plane, const agent::NetRule& rule);
// Acts from now on.
void arm(agent::NetPlane& plane, agent::Effect& effect);
// Acts no more.
void disarm(agent::Effect& effect);

// One-way times of `count` UDP packets of 64 bytes from a to b, in ns of the kernel's receive stamps. Never faster than
// the rate: a sender that was kept from sending does not catch up, since no line could hold a burst without a queue.
std::vector<double> one_way_ns(const Hosts& hosts, int count, double packets_per_second);
// Packets a second that arrive while the sender sends as fast as it can.
double flood(const Hosts& hosts, double seconds);
// Of a TCP stream from a to b, after a second to start.
double stream_gbit(const Hosts& hosts, double seconds);

// Runs a program in the namespace; false if it failed.
bool run(const os::NetNamespace& netns, const std::vector<std::string>& argv);

// The value below which that share of the sorted values lies.
double quantile(std::vector<double> values, double share);

[[noreturn]] void give_up(const Error& error);
void must(const Status& status);
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return std::move(*result);
}

}  // namespace fracas::bench
