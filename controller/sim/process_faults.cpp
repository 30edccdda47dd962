#include "controller/sim/sim_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

// A node that is ended and started again: after a while, and at the window's end at the latest.
class Restarts : public SimFault {
 public:
  Restarts(const SimVictim& victim, std::optional<Duration> down) : victim_(victim), down_(down) {}

  void stop() override {
    over_ = true;
    start_again();
  }

 protected:
  const SimVictim& victim() const { return victim_; }
  void end() {
    node::SimNode& node = victim_.node();
    if (!node.is_up()) return;
    matched();
    node.kill();
    affected(victim_.world);
    if (!down_) return;
    victim_.world.scheduler().after(*down_, [this] {
      if (!over_) start_again();
    });
  }

 private:
  // A node that cannot recover stays down; its silence is what shows it, as in the lab.
  void start_again() {
    if (!victim_.node().is_up()) static_cast<void>(victim_.node().start());
  }

  SimVictim victim_;
  std::optional<Duration> down_;
  bool over_ = false;
};

class Kill final : public Restarts {
 public:
  using Restarts::Restarts;
  void start() override { end(); }
};

class Pause final : public SimFault {
 public:
  explicit Pause(const SimVictim& victim) : victim_(victim) {}

  void start() override {
    node::SimNode& node = victim_.node();
    if (!node.is_up()) return;
    matched();
    if (node.is_paused()) return;
    node.pause();
    ours_ = true;
    affected(victim_.world);
  }
  void stop() override {
    if (ours_) victim_.node().resume();
  }

 private:
  SimVictim victim_;
  bool ours_ = false;
};

// Kills or stops the member at its N-th write or sync of the disk.
class CrashPoint final : public Restarts, private node::DiskFault {
 public:
  CrashPoint(const SimVictim& victim, const model::ProcessCrashPoint& fault, std::optional<Duration> down)
      : Restarts(victim, down),
        number_(fault.number()),
        at_write_(fault.call() == model::ProcessCrashPoint::CALL_WRITE),
        stops_(fault.action() == model::ProcessCrashPoint::ACTION_STOP) {}

  void start() override { victim().node().attach(*this); }
  void stop() override {
    victim().node().detach(*this);
    if (stopped_) victim().node().resume();
    Restarts::stop();
  }

 private:
  // A write whose process is killed does nothing any more.
  std::optional<Duration> write(std::size_t) override {
    if (!at_write_ || !counts()) return Duration{};
    hit();
    if (!stops_) return std::nullopt;
    return Duration{};
  }
  // A sync has happened, and its caller never learns of it.
  void synced() override {
    if (!at_write_ && counts()) hit();
  }
  bool counts() { return !done_ && ++calls_ == number_; }
  void hit() {
    done_ = true;
    if (!stops_) return end();
    matched();
    victim().node().pause();
    stopped_ = true;
    affected(victim().world);
  }

  std::uint64_t number_;
  bool at_write_;
  bool stops_;
  std::uint64_t calls_ = 0;
  bool done_ = false;
  bool stopped_ = false;
};

template <typename Fault>
std::optional<Duration> restart_after(const Fault& fault) {
  if (!fault.has_restart_after()) return std::nullopt;
  return model::from_proto(fault.restart_after());
}

}  // namespace

std::unique_ptr<SimFault> make_process_fault(const SimVictim& victim) {
  switch (victim.injection.kind_case()) {
    case model::Injection::kProcessKill:
      return std::make_unique<Kill>(victim, restart_after(victim.injection.process_kill()));
    case model::Injection::kProcessRestart:
      return std::make_unique<Kill>(victim, model::from_proto(victim.injection.process_restart().down()));
    case model::Injection::kProcessPause:
      return std::make_unique<Pause>(victim);
    case model::Injection::kProcessCrashPoint: {
      const model::ProcessCrashPoint& fault = victim.injection.process_crash_point();
      return std::make_unique<CrashPoint>(victim, fault, restart_after(fault));
    }
    default:
      return nullptr;
  }
}

}  // namespace fracas::controller
