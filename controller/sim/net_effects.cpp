#include <algorithm>
#include <cmath>

#include "controller/sim/net_rules.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

using sim::Fate;
using sim::Packet;

class Cut final : public NetEffect {
 public:
  Cut(model::NetPartition::Style style, Duration start) : style_(style), start_(start) {}

  bool act(const Packet& packet, Duration, Fate& fate) override {
    if (style_ == model::NetPartition::STYLE_NEW_ONLY && !packet.opens) return false;
    if (style_ == model::NetPartition::STYLE_ESTABLISHED_ONLY && packet.connected_at >= start_) return false;
    fate.lost = true;
    fate.refused = style_ == model::NetPartition::STYLE_REJECT;
    return true;
  }

 private:
  model::NetPartition::Style style_;
  Duration start_;
};

// Gilbert's channel: good and bad spells, of which only the bad ones lose packets.
class Loss final : public NetEffect {
 public:
  Loss(const model::NetLoss& fault, RandomStream random) : random_(random) {
    const double burst = std::max(1.0, fault.burst());
    if (burst > 1) {
      loss_in_bad_ = fault.burst_loss() > 0 ? fault.burst_loss() : 1;
      const double bad = fault.loss() / loss_in_bad_;  // share of the time
      leave_bad_ = 1 / burst;
      enter_bad_ = bad >= 1 ? 1 : leave_bad_ * bad / (1 - bad);
    } else {
      loss_in_bad_ = fault.loss();
      enter_bad_ = 1;
      leave_bad_ = 0;
    }
  }

  bool act(const Packet&, Duration, Fate& fate) override {
    bad_ = bad_ ? !random_.chance(leave_bad_) : random_.chance(enter_bad_);
    fate.lost = bad_ && random_.chance(loss_in_bad_);
    return fate.lost;
  }

 private:
  RandomStream random_;
  double loss_in_bad_ = 1;
  double enter_bad_ = 1;
  double leave_bad_ = 0;
  bool bad_ = false;
};

// A number of mean 0 and standard deviation 1 (uniform: within -1 and 1).
double spread(model::NetDelay::Spread form, RandomStream& random) {
  switch (form) {
    case model::NetDelay::SPREAD_NORMAL: {
      // Twelve uniform numbers are close enough to the bell curve, and the same on every machine.
      double sum = -6;
      for (int i = 0; i < 12; ++i) sum += random.unit();
      return sum;
    }
    case model::NetDelay::SPREAD_PARETO: {
      // Shape 3: mean 1.5 and variance 0.75 of the smallest value.
      constexpr double kMean = 1.5;
      constexpr double kDeviation = 0.8660254037844386;
      return (1 / std::cbrt(1 - random.unit()) - kMean) / kDeviation;
    }
    default:
      return 2 * random.unit() - 1;
  }
}

class Delay final : public NetEffect {
 public:
  Delay(const model::NetDelay& fault, RandomStream random)
      : random_(random),
        delay_(static_cast<double>(model::from_proto(fault.delay()).count())),
        jitter_(static_cast<double>(model::from_proto(fault.jitter()).count())),
        form_(fault.spread()),
        correlation_(fault.correlation()) {}

  bool act(const Packet&, Duration, Fate& fate) override {
    double held = delay_;
    if (jitter_ > 0) {
      last_ = correlation_ * last_ + (1 - correlation_) * spread(form_, random_);
      held = std::max(0.0, held + jitter_ * last_);
    }
    fate.held += Duration(static_cast<std::int64_t>(held));
    return true;
  }

 private:
  RandomStream random_;
  double delay_;
  double jitter_;
  model::NetDelay::Spread form_;
  double correlation_;
  double last_ = 0;
};

class Duplicate final : public NetEffect {
 public:
  Duplicate(double share, RandomStream random) : random_(random), share_(share) {}

  // The receiver's TCP drops the second one.
  bool act(const Packet&, Duration, Fate&) override { return random_.chance(share_); }

 private:
  RandomStream random_;
  double share_;
};

class Corrupt final : public NetEffect {
 public:
  Corrupt(const model::NetCorrupt& fault, RandomStream random)
      : random_(random), share_(fault.corrupt()), silent_(fault.silent()) {}

  bool act(const Packet&, Duration, Fate& fate) override {
    if (!random_.chance(share_)) return false;
    // A checksum that shows it makes a loss of it.
    (silent_ ? fate.corrupted : fate.lost) = true;
    return true;
  }

 private:
  RandomStream random_;
  double share_;
  bool silent_;
};

class Reorder final : public NetEffect {
 public:
  Reorder(const model::NetReorder& fault, RandomStream random)
      : random_(random), share_(fault.reorder()), delay_(model::from_proto(fault.delay())) {}

  bool act(const Packet&, Duration, Fate& fate) override {
    if (!random_.chance(share_)) return false;
    fate.held += delay_;
    return true;
  }

 private:
  RandomStream random_;
  double share_;
  Duration delay_;
};

// One queue of half a second; what finds it full is lost.
class SlowLink final : public NetEffect {
 public:
  explicit SlowLink(std::uint64_t rate) : rate_(static_cast<double>(rate)) {}

  bool act(const Packet& packet, Duration now, Fate& fate) override {
    constexpr Duration kQueue = std::chrono::milliseconds(500);
    free_at_ = std::max(free_at_, now);
    if (free_at_ - now > kQueue) {
      fate.lost = true;
    } else {
      free_at_ += Duration(static_cast<std::int64_t>(static_cast<double>(packet.bytes) * 1e9 / rate_));
      fate.held += free_at_ - now;
    }
    return true;
  }

 private:
  double rate_;
  Duration free_at_{};
};

class Connect final : public NetEffect {
 public:
  Connect(const model::NetConnect& fault, RandomStream random)
      : random_(random),
        outcome_(fault.outcome()),
        delay_(model::from_proto(fault.delay())),
        share_(fault.flows().share() > 0 ? fault.flows().share() : 1) {}

  bool act(const Packet& packet, Duration, Fate& fate) override {
    if (!packet.opens || !random_.chance(share_)) return false;
    if (outcome_ == model::CONNECT_OUTCOME_SLOW) {
      fate.held += delay_;
    } else {
      fate.lost = true;
      fate.refused = outcome_ != model::CONNECT_OUTCOME_TIMEOUT;
    }
    return true;
  }

 private:
  RandomStream random_;
  model::ConnectOutcome outcome_;
  Duration delay_;
  double share_;
};

}  // namespace

std::unique_ptr<NetEffect> make_net_effect(const model::Injection& injection, RandomStream random, Duration start) {
  switch (injection.kind_case()) {
    case model::Injection::kNetPartition:
      return std::make_unique<Cut>(injection.net_partition().style(), start);
    case model::Injection::kNetLoss:
      return std::make_unique<Loss>(injection.net_loss(), random);
    case model::Injection::kNetDelay:
      return std::make_unique<Delay>(injection.net_delay(), random);
    case model::Injection::kNetDuplicate:
      return std::make_unique<Duplicate>(injection.net_duplicate().duplicate(), random);
    case model::Injection::kNetCorrupt:
      return std::make_unique<Corrupt>(injection.net_corrupt(), random);
    case model::Injection::kNetReorder:
      return std::make_unique<Reorder>(injection.net_reorder(), random);
    case model::Injection::kNetBandwidth:
      return std::make_unique<SlowLink>(injection.net_bandwidth().rate());
    case model::Injection::kNetConnect:
      return std::make_unique<Connect>(injection.net_connect(), random);
    default:
      return nullptr;
  }
}

}  // namespace fracas::controller
