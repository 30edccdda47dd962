#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

// Makes the client with that id, unique in the run. Called on the thread that will use it.
using ClientFactory = std::function<std::unique_ptr<Client>(std::uint64_t id)>;

}  // namespace fracas::controller
