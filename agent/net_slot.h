#pragma once
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "agent/faults/net.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Where the agent keeps its network data plane. Loading it takes tens of milliseconds, so it is opened in the
// background while the agent starts; whoever needs it waits. Thread: any. Faults prepared by the plane must be gone
// before `close`.
class NetSlot {
 public:
  // `hand_over` gets the descriptors that keep the plane attached, once for each time it is opened, before `get`
  // returns.
  NetSlot(std::vector<std::string> interfaces, std::function<Status(std::span<const int>)> hand_over);

  // In place of the constructor's. REQUIRES: nobody has asked for the plane yet.
  void set_interfaces(std::vector<std::string> interfaces) { interfaces_ = std::move(interfaces); }
  // Ports whose packets and connections no network fault touches. REQUIRES: as above.
  void set_spared(std::vector<model::PortRange> ports) { spared_ = std::move(ports); }
  const std::vector<model::PortRange>& spared() const { return spared_; }

  // Starts opening; returns at once.
  void open_in_background();
  // The plane; opens it if it is not. ERRORS: the missing capability; the next call tries again.
  Result<NetPlane*> get();
  // Hands over what else is to go on after this agent's death, under a name of its own, beside the plane's; empty: what
  // had that name is given up.
  Status keep(const std::string& id, std::vector<int> fds);
  // Hands over all of it once more, to a guardian that has nothing yet.
  Status hand_over_again();
  // Tells an open plane how long it may act.
  void renew(std::int64_t lease_end_ns);
  // Detaches everything.
  void close();

 private:
  using Opened = Result<std::unique_ptr<NetPlane>>;
  Opened open() const;

  std::vector<std::string> interfaces_;
  std::vector<model::PortRange> spared_;
  std::function<Status(std::span<const int>)> hand_over_;
  std::mutex mutex_;
  std::future<Opened> opening_;
  std::unique_ptr<NetPlane> plane_;
  std::map<std::string, std::vector<int>> kept_;  // borrowed
  // REQUIRES: mutex_ held.
  Status hand_over(const NetPlane* plane) const;
};

}  // namespace fracas::agent
