#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/faults/net.h"
#include "lib/os/fd.h"
#include "lib/os/netns.h"
#include "tests/bench/quantile.h"

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

// How far apart packets are sent: all alike, or by half to one and a half of that, drawn anew for each.
enum class Pace { even, uneven };

// One-way times of `count` UDP packets of 64 bytes from a to b, in ns of the kernel's receive stamps. Never faster than
// the rate: a sender that was kept from sending does not catch up, since no line could hold a burst without a queue.
std::vector<double> one_way_ns(const Hosts& hosts, int count, double packets_per_second, Pace pace = Pace::even);

// Traffic from a to b, as much as goes, until it is destroyed; but none while it is paused.
class Traffic {
 public:
  enum class Kind { packets, stream };  // UDP packets of 64 bytes, TCP
  Traffic(const Hosts& hosts, Kind kind);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;
  void pause(bool on);
  // What arrives a second from now on, for so long: packets, or Gbit.
  double rate(double seconds) const;

 private:
  void send();
  void receive();
  void receive_packets();

  const Kind kind_;
  os::UniqueFd from_;
  os::UniqueFd to_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> paused_ = false;
  std::atomic<std::uint64_t> arrived_ = 0;  // packets, or bytes
  std::thread sender_;
  std::thread receiver_;
};

// Runs a program in the namespace; false if it failed.
bool run(const os::NetNamespace& netns, const std::vector<std::string>& argv);

[[noreturn]] void give_up(const Error& error);
void must(const Status& status);
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return std::move(*result);
}

}  // namespace fracas::bench
