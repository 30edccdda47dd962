#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "agent/bpf/net_program.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/os/netns.h"

namespace fracas::agent {

// Says every 20 ms that we live for another 100 ms, from a thread of its own.
class Heartbeat {
 public:
  // `keep_alive` is called with a CLOCK_BOOTTIME: once before the constructor returns, then by the thread, last with 0.
  explicit Heartbeat(std::function<void(std::int64_t alive_end_ns)> keep_alive);
  ~Heartbeat();

 private:
  void run();

  std::function<void(std::int64_t)> keep_alive_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

// Holds one rule's packets in a netem qdisc: on an own veth pair, so no qdisc of the host's is touched. The classifier
// redirects packets into the first end; where they come out at the other, a program sends them on to where they were
// going. The pair outlives a killed agent; the classifier stops using it because the heartbeat ends, and `heal` removes
// it.
class NetemDetour {
 public:
  // `delay` is what netem is asked for, in whole microseconds; it is late by least_netem_lateness and more.
  // `program` and `netns` are borrowed and must stay. ERRORS: ENOENT where the kernel lacks sch_netem.
  static Result<std::unique_ptr<NetemDetour>> open(NetProgram& program, const os::NetNamespace& netns, Duration delay,
                                                   bool allow_tcx);
  ~NetemDetour();

  // The interface to redirect to.
  int ifindex() const { return ifindex_; }
  // Waits until the last packet sent here before the call is out.
  void drain() const;

 private:
  NetemDetour(const os::NetNamespace& netns, std::string name, Duration delay);
  Status build(NetProgram& program, bool allow_tcx);

  const os::NetNamespace& netns_;
  const std::string name_;  // of the first end
  const Duration delay_;
  int ifindex_ = 0;
  NetAttachment back_;
};

}  // namespace fracas::agent
