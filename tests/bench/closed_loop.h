#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "controller/world/world.h"

namespace fracas::bench {

// A connection to a store, used by one thread. Both wait for the answer; false: the store did not do it.
class StoreClient {
 public:
  StoreClient() = default;
  StoreClient(const StoreClient&) = delete;
  StoreClient& operator=(const StoreClient&) = delete;
  virtual ~StoreClient() = default;
  virtual bool put(std::size_t key) = 0;
  virtual bool get(std::size_t key) = 0;
};

// Makes the client with that number, on the thread that uses it.
using StoreClients = std::function<std::unique_ptr<StoreClient>(std::size_t number)>;

enum class Operation : std::uint8_t { put, get };

struct LoopOptions {
  Operation operation = Operation::put;
  std::size_t clients = 1;
  std::size_t keys = 1000;
  std::chrono::milliseconds warmup{500};
  std::chrono::milliseconds measured{2500};
};

struct LoopResult {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double client_us = 0;  // processor time of this process for an operation
  std::uint64_t failed = 0;
};

// Puts every key once, so that gets find something.
void fill(const controller::World& world, const StoreClients& make, std::size_t keys);

// Each client asks for one thing after the other, of keys drawn at random, from where clients are in that world; what
// ended in the measured time counts.
LoopResult closed_loop(const controller::World& world, const StoreClients& make, const LoopOptions& options);

}  // namespace fracas::bench
