#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/model/node_event.h"
#include "lib/sim/disk.h"
#include "lib/sim/host_clock.h"
#include "lib/sim/scheduler.h"
#include "targets/raft/core/raft.h"
#include "targets/raft/sim/sim_link.h"

namespace fracas::raft {

// What a fault does to a member's calls on its disk.
class DiskFault {
 public:
  DiskFault() = default;
  DiskFault(const DiskFault&) = delete;
  DiskFault& operator=(const DiskFault&) = delete;
  virtual ~DiskFault() = default;

  // Before the call is made: the time it takes longer, or nothing: it fails.
  virtual std::optional<Duration> write(std::size_t bytes);
  virtual std::optional<Duration> sync();
  // After a sync, before the member learns of it; may kill or pause the member.
  virtual void synced();
};

// One member in the simulated world: what shell/server.h does with sockets and files, done with a simulated network,
// disk and clock. The state machine is the same one.
class SimNode {
 public:
  using Answered = std::function<void(const Reply& reply)>;

  // `begin_ns`: the CLOCK_BOOTTIME that the world's beginning stands for in node events.
  SimNode(sim::Scheduler& scheduler, Options options, bool fsync, std::int64_t begin_ns);
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  void connect(const NodeId& peer, std::unique_ptr<SimLink> link);

  // Starts the process, which recovers what the disk holds. ERRORS: as wal_format.h; it stays down then.
  Status start();
  void kill();
  // Takes the disk's power too: what was not synced is lost. Returns how many writes that were.
  std::size_t cut_power(RandomStream& random, bool torn);
  void pause() { paused_ = true; }
  void resume();

  bool is_up() const { return raft_.has_value(); }
  bool is_paused() const { return paused_; }
  // Another number after each start; 0 while it is down.
  std::uint64_t life() const { return is_up() ? life_ : 0; }
  const NodeId& name() const { return options_.self; }
  // REQUIRES: is_up().
  MemberStatus status() const { return raft_->status(); }

  void receive(const NodeId& from, const Message& message);
  // A client's request; `answered` is dropped if the process ends first.
  void write(Command command, Answered answered);
  void read(std::string key, Answered answered);

  sim::HostClock& monotonic() { return monotonic_; }
  // From now on until detach(); in the order of attachment. The fault must not outlive that.
  void attach(DiskFault& fault) { disk_faults_.push_back(&fault); }
  void detach(DiskFault& fault) { std::erase(disk_faults_, &fault); }
  // The connection it dialled to another member; null: it knows none of that name.
  SimLink* link(const NodeId& peer);
  std::uint64_t steps() const { return steps_; }

  std::vector<model::NodeEvent> take_events() { return std::move(events_); }

 private:
  void tick();
  void when_running(std::function<void()> action);
  void step(const Input& input);
  void perform(const Effect& effect);
  void write_records(const std::vector<Record>& records);
  void sync();
  void synced(std::size_t writes, std::uint64_t sequence);
  // The time that all faults together add; nothing: the call fails.
  std::optional<Duration> extra(const std::function<std::optional<Duration>(DiskFault&)>& call);
  void disk_failed();

  sim::Scheduler& scheduler_;
  Options options_;
  bool fsync_;
  std::int64_t begin_ns_;
  RandomStream random_;
  std::map<NodeId, std::unique_ptr<SimLink>> links_;
  sim::HostClock monotonic_{true};
  sim::Disk disk_;
  std::vector<DiskFault*> disk_faults_;

  std::optional<Raft> raft_;
  std::uint64_t life_ = 0;
  bool paused_ = false;
  bool syncing_ = false;
  std::uint64_t sequence_ = 0;  // of the last record handed to the disk
  std::uint64_t steps_ = 0;
  RequestId next_request_ = 0;
  std::map<RequestId, Answered> waiting_;
  std::deque<std::function<void()>> missed_;  // while paused
  std::vector<model::NodeEvent> events_;
};

}  // namespace fracas::raft
