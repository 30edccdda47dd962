#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/workload/generator.h"
#include "lib/base/quantity.h"
#include "lib/model/history.h"

namespace fracas::controller {

// What became of a call; `type` is ok, fail or info, in the strict sense of lib/model/history.h.
struct Answer {
  model::EventType type = model::EventType::info;
  model::Value value{};  // of an ok: what came back; where nothing did, what was asked stands in the history
  std::string node{};    // who answered, or was asked last
  std::string error{};
};

// One client of a target. Used by one thread, the one that made it, and thrown away after an info.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;

  // Returns within `timeout`, give or take a scheduling delay.
  virtual Answer call(const Call& call, Duration timeout) = 0;
};

// Who a client is, and whom it may ask.
struct ClientSeat {
  std::uint64_t id = 0;                 // unique in the run; clients of different ids begin at different nodes
  std::vector<std::string> nodes = {};  // it asks these only; empty: all

  bool may_ask(std::string_view node) const {
    return nodes.empty() || std::find(nodes.begin(), nodes.end(), node) != nodes.end();
  }
};

// The seat of the client with that number, from 0, where the clients take the groups `near` in turn; none: no group.
inline ClientSeat seat_of(std::uint64_t id, std::size_t number, const std::vector<std::vector<std::string>>& near) {
  return {.id = id, .nodes = near.empty() ? std::vector<std::string>() : near[number % near.size()]};
}

// Makes a client. Called on the thread that will use it. REQUIRES: it may ask at least one node.
using ClientFactory = std::function<std::unique_ptr<Client>(const ClientSeat& seat)>;

}  // namespace fracas::controller
