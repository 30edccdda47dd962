#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/model/node_event.h"
#include "lib/sim/disk.h"
#include "lib/sim/host_clock.h"
#include "lib/sim/scheduler.h"
#include "targets/node/sim/disk_fault.h"
#include "targets/node/sim/sim_link.h"
#include "targets/node/sim/sim_process.h"

namespace fracas::node {

struct SimNodeOptions {
  std::string name;
  bool fsync = true;
  std::int64_t begin_ns = 0;  // the CLOCK_BOOTTIME that the world's beginning stands for in node events
  std::uint64_t seed = 1;
};

// One thing to write to a node's only file.
struct SimWrite {
  std::string bytes;
  bool replaces = false;  // the whole file
};

// One host of the simulated world: its process, clocks, disk and connections, and what faults do to them. What a
// bundled store's shell does with sockets and files, done with a simulated network, disk and clocks.
class SimNode {
 public:
  SimNode(sim::Scheduler& scheduler, SimNodeOptions options, SimProgram program);
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  // Once for each peer, which outlives the link.
  void connect(SimNode& peer, std::unique_ptr<SimLink> link);

  // Starts the process, which recovers what the disk holds. ERRORS: as SimProgram::start.
  Status start();
  void kill();
  // Takes the disk's power too: what was not synced is lost.
  sim::Disk::Loss cut_power(RandomStream& random, bool torn);
  void pause() { paused_ = true; }
  void resume();

  bool is_up() const { return process_ != nullptr; }
  bool is_paused() const { return paused_; }
  // Another number after each start; 0 while it is down.
  std::uint64_t life() const { return is_up() ? life_ : 0; }
  const std::string& name() const { return options_.name; }
  // REQUIRES: is_up().
  const SimProcess& process() const { return *process_; }

  // Runs the action in the process: now, after a pause, or, if the process ends first, never.
  template <typename Action>
  void when_running(Action&& action) {
    if (!is_up()) return;
    if (!paused_) return std::forward<Action>(action)(*process_);
    miss(std::forward<Action>(action));
  }

  sim::HostClock& monotonic() { return monotonic_; }
  sim::HostClock& realtime() { return realtime_; }
  // From now on until detach(); in the order of attachment. The fault must not outlive that.
  void attach(DiskFault& fault) { disk_faults_.push_back(&fault); }
  void detach(DiskFault& fault) { std::erase(disk_faults_, &fault); }
  // The connection it dialled to another member; null: it knows none of that name.
  SimLink* link(const std::string& peer);
  const SimLink* link(const std::string& peer) const;

  const std::vector<model::NodeEvent>& events() const { return events_; }
  std::vector<model::NodeEvent> take_events() { return std::move(events_); }

  // For its links: this one needs ticks from now on.
  void stirred(SimLink& link) { restless_.push_back(&link); }

  // For the process.
  HostTime time();
  // As SimLink::send.
  template <typename Arrive>
  void send(const std::string& peer, std::size_t bytes, Arrive&& arrive) {
    if (!is_up()) return;
    if (SimLink* to = link(peer)) to->send(bytes, std::forward<Arrive>(arrive));
  }
  void write(std::vector<SimWrite> writes, std::uint64_t sequence);
  void record(model::NodeEvent event) { events_.push_back(std::move(event)); }
  std::int64_t boot_ns() const { return options_.begin_ns + scheduler_.now().count(); }

 private:
  void miss(SimLink::Arrival action);
  void tick();
  void sync();
  void synced(std::size_t writes, std::uint64_t sequence);
  // The time that all faults together add; nothing: the call fails.
  std::optional<Duration> extra(const std::function<std::optional<Duration>(DiskFault&)>& call);
  void disk_failed();

  sim::Scheduler& scheduler_;
  SimNodeOptions options_;
  SimProgram program_;
  RandomStream random_;
  using Links = std::map<std::string, std::unique_ptr<SimLink>>;
  Links links_;
  Links::iterator used_ = links_.end();  // the last one; where there are any, never the end
  std::vector<SimLink*> restless_;       // of links_: those that need ticks
  std::vector<SimLink*> callers_;        // those of others that lead here
  sim::HostClock monotonic_{true};
  sim::HostClock realtime_{false};
  sim::Disk disk_;
  std::vector<DiskFault*> disk_faults_;

  std::unique_ptr<SimProcess> process_;
  std::unique_ptr<SimProcess> dead_;  // may still be on the stack: a fault kills it in the middle of a write
  std::uint64_t life_ = 0;
  bool paused_ = false;
  bool syncing_ = false;
  std::uint64_t sequence_ = 0;           // of the last record handed to the disk
  std::deque<SimLink::Arrival> missed_;  // while paused
  std::vector<model::NodeEvent> events_;
};

template <typename Arrive>
void SimLink::send(std::size_t bytes, Arrive&& arrive) {
  if (!is_open()) return;
  stir();
  connection_->ask(bytes, [&peer = peer_, arrive = std::forward<Arrive>(arrive)](sim::Connection& connection,
                                                                                 bool corrupted) mutable {
    // A damaged frame is no payload: the receiver hangs up.
    if (corrupted) return connection.reset();
    peer.when_running(std::move(arrive));
  });
}

}  // namespace fracas::node
