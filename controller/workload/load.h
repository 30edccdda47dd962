#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "controller/workload/client.h"
#include "controller/workload/generator.h"
#include "controller/workload/recorder.h"
#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct LoadOptions {
  GeneratorOptions calls;
  std::uint32_t clients = 10;
  double rate = 200;  // operations a second, all clients together
  Duration timeout = std::chrono::seconds(1);
  std::uint64_t seed = 0;
  std::function<Status()> enter;  // run first on every client thread: moves it to where the target is reached
  ClientFactory client;
  std::vector<std::vector<std::string>> near = {};  // groups of nodes that the clients take in turn; empty: all ask all
};

// An open-loop load: operations start at random times (a Poisson process of `rate`), however slowly earlier ones are
// answered. When all clients are busy an arrival is shed, counted and not recorded: it never happened.
class Load {
 public:
  // `recorder` must outlive the load. ERRORS: `enter` failed.
  static Result<std::unique_ptr<Load>> start(LoadOptions options, Recorder& recorder);
  ~Load();

  // Ends the arrivals and waits for the calls under way, at most the timeout.
  void stop();
  // Plays the final calls of the workload, by all clients, until each answered or `patience` is over.
  // REQUIRES: stopped.
  void read_all(Duration patience);

  std::uint64_t shed() const { return shed_.load(); }

 private:
  Load(LoadOptions options, Recorder& recorder);
  void serve(std::size_t number);
  void arrive(const std::stop_token& stopping);
  bool take(Call& call);
  bool settled() const { return waiting_.empty() && idle_ == options_.clients; }

  LoadOptions options_;
  Recorder& recorder_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;  // wakes one client a call: at a high rate, waking all costs more than the calls
  std::condition_variable settled_;  // nothing waits, and all clients are idle
  std::unique_ptr<Generator> generator_;
  std::vector<Call> waiting_;  // arrivals and final reads that a client is about to take
  std::size_t idle_ = 0;
  bool closing_ = false;
  std::atomic<std::uint64_t> shed_ = 0;
  std::atomic<std::uint64_t> next_client_ = 1;
  std::vector<std::jthread> threads_;
  std::jthread arrivals_;
};

}  // namespace fracas::controller
