#include <algorithm>

#include "controller/sim/sim_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

// Which calls are meant: with none listed, all.
class Calls {
 public:
  template <typename Fault>
  explicit Calls(const Fault& fault)
      : write_(fault.calls_size() == 0 || lists(fault, model::DISK_CALL_WRITE)),
        sync_(fault.calls_size() == 0 || lists(fault, model::DISK_CALL_FSYNC)) {}

  bool write() const { return write_; }
  bool sync() const { return sync_; }

 private:
  template <typename Fault>
  static bool lists(const Fault& fault, model::DiskCall call) {
    return std::find(fault.calls().begin(), fault.calls().end(), call) != fault.calls().end();
  }
  bool write_;
  bool sync_;
};

// Lies over the disk of a node while it lasts. A node that ended itself meanwhile starts again on the healed disk.
class OverDisk : public SimFault, protected node::DiskFault {
 public:
  explicit OverDisk(const SimVictim& victim) : victim_(victim) {}

  void start() override { victim_.node().attach(*this); }
  void stop() override {
    victim_.node().detach(*this);
    if (!victim_.node().is_up()) static_cast<void>(victim_.node().start());
  }

 protected:
  const SimVictim& victim() const { return victim_; }
  Duration now() const { return victim_.world.scheduler().now(); }

 private:
  SimVictim victim_;
};

// Does the same to every call that is meant.
class OnCalls : public OverDisk {
 public:
  OnCalls(const SimVictim& victim, const Calls& calls) : OverDisk(victim), calls_(calls) {}

 protected:
  virtual std::optional<Duration> act(std::size_t bytes) = 0;

 private:
  std::optional<Duration> write(std::size_t bytes) final { return call(calls_.write(), bytes); }
  std::optional<Duration> sync() final { return call(calls_.sync(), 0); }
  std::optional<Duration> call(bool meant, std::size_t bytes) {
    if (!meant) return Duration{};
    matched();
    return act(bytes);
  }

  Calls calls_;
};

// A share of the calls fails, or takes longer.
class Sometimes final : public OnCalls {
 public:
  template <typename Fault>
  Sometimes(const SimVictim& victim, const Fault& fault, std::optional<Duration> outcome)
      : OnCalls(victim, Calls(fault)), random_(victim.random("disk")), share_(fault.share()), outcome_(outcome) {}

 private:
  std::optional<Duration> act(std::size_t bytes) override {
    if (!random_.chance(share_)) return Duration{};
    affected(victim().world, bytes);
    return outcome_;
  }

  RandomStream random_;
  double share_;
  std::optional<Duration> outcome_;
};

class Full final : public OverDisk {
 public:
  Full(const SimVictim& victim, std::uint64_t free) : OverDisk(victim), free_(free) {}

 private:
  std::optional<Duration> write(std::size_t bytes) override {
    matched();
    if (bytes <= free_) {
      free_ -= bytes;
      return Duration{};
    }
    affected(victim().world, bytes);
    return std::nullopt;
  }

  std::uint64_t free_;
};

// So many bytes and calls a second; each call waits for those before it.
class Throttled final : public OnCalls {
 public:
  Throttled(const SimVictim& victim, const model::DiskThrottle& fault)
      : OnCalls(victim, Calls(fault)),
        ns_per_byte_(fault.rate() > 0 ? 1e9 / static_cast<double>(fault.rate()) : 0),
        ns_per_call_(fault.call_rate() > 0 ? 1e9 / fault.call_rate() : 0) {}

 private:
  std::optional<Duration> act(std::size_t bytes) override {
    const Duration wait = std::max(Duration{}, free_at_ - now());
    const double cost = ns_per_call_ + ns_per_byte_ * static_cast<double>(bytes);
    free_at_ = std::max(free_at_, now()) + Duration(static_cast<std::int64_t>(cost));
    if (wait.count() > 0) affected(victim().world, bytes);
    return wait;
  }

  double ns_per_byte_;
  double ns_per_call_;
  Duration free_at_{};
};

// Counts the writes, and takes the power away at its end. That is its effect wherever something was written that could
// have been lost: a store that synced all of it in time has withstood it.
class PowerCut final : public OverDisk {
 public:
  PowerCut(const SimVictim& victim, bool torn) : OverDisk(victim), torn_(torn) {}

  void stop() override {
    RandomStream random = victim().random("power");
    const sim::Disk::Loss lost = victim().node().cut_power(random, torn_);
    if (counters().matched > 0 || lost.writes > 0) affected(victim().world, lost.bytes);
    OverDisk::stop();
  }

 private:
  std::optional<Duration> write(std::size_t) override {
    matched();
    return Duration{};
  }

  bool torn_;
};

}  // namespace

std::unique_ptr<SimFault> make_disk_fault(const SimVictim& victim) {
  switch (victim.injection.kind_case()) {
    case model::Injection::kDiskError:
      return std::make_unique<Sometimes>(victim, victim.injection.disk_error(), std::nullopt);
    case model::Injection::kDiskDelay:
      return std::make_unique<Sometimes>(victim, victim.injection.disk_delay(),
                                         model::from_proto(victim.injection.disk_delay().delay()));
    case model::Injection::kDiskFill:
      return std::make_unique<Full>(victim, victim.injection.disk_fill().free());
    case model::Injection::kDiskThrottle:
      return std::make_unique<Throttled>(victim, victim.injection.disk_throttle());
    case model::Injection::kDiskLoseUnsynced:
      return std::make_unique<PowerCut>(victim, victim.injection.disk_lose_unsynced().torn());
    default:
      return nullptr;
  }
}

}  // namespace fracas::controller
