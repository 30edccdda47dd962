#pragma once
#include <memory>

#include "lib/base/random.h"
#include "lib/sim/network.h"

namespace fracas::model {
class Injection;
}

namespace fracas::controller {

// What a network fault does to a packet in its scope. True: it did something to it.
class NetEffect {
 public:
  NetEffect() = default;
  NetEffect(const NetEffect&) = delete;
  NetEffect& operator=(const NetEffect&) = delete;
  virtual ~NetEffect() = default;
  virtual bool act(const sim::Packet& packet, Duration now, sim::Fate& fate) = 0;
};

// The effect of an injection that starts at `start`; null if its kind acts on no packets.
std::unique_ptr<NetEffect> make_net_effect(const model::Injection& injection, RandomStream random, Duration start);

}  // namespace fracas::controller
