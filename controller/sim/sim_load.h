#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "controller/sim/sim_world.h"
#include "controller/workload/client.h"
#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "lib/model/history.h"

namespace fracas::controller {

struct SimLoadOptions {
  GeneratorOptions calls;
  std::uint32_t clients = 10;
  double rate = 200;  // operations a second, all clients together
  Duration timeout = std::chrono::seconds(1);
  Duration attempt_timeout = std::chrono::milliseconds(300);
  std::uint64_t seed = 0;
  std::vector<std::vector<std::string>> near = {};  // as in LoadOptions
};

// The open-loop load of workload/load.h in virtual time: the same calls of the same generator, by clients that are an
// event each instead of a thread each.
class SimLoad {
 public:
  // Both outlive the load, and time does not pass in `world` after it is gone.
  SimLoad(SimWorld& world, const SimLoadOptions& options);

  // Arrivals begin now.
  void start();
  // Ends the arrivals, and lets time pass until the calls under way are over, at most the timeout.
  void stop();
  // The final calls of the workload, until each answered or `patience` is over. REQUIRES: stopped.
  void read_all(Duration patience);

  std::uint64_t shed() const { return shed_; }
  const std::vector<model::Event>& history() const { return history_; }
  std::vector<model::Event> take_history() { return std::move(history_); }

 private:
  struct Person {
    std::uint32_t number = 0;
    std::uint32_t life = 0;
    std::string process;
    model::Event asked;  // of the call under way
    std::unique_ptr<SimTargetClient> client;
  };
  void arrive();
  Person& take_idle();
  void serve(Person& person, const Call& call);
  void answered(Person& person, Answer answer);
  void pass_until_idle(Duration patience);

  SimWorld& world_;
  SimLoadOptions options_;
  std::unique_ptr<Generator> generator_;
  RandomStream arrivals_;
  RandomStream choice_;
  double next_arrival_ns_ = 0;
  bool open_ = false;
  std::vector<Person> people_;
  std::vector<Person*> idle_;  // any of them may be next
  std::deque<Call> waiting_;   // final reads that nobody has taken yet
  std::uint64_t clients_ = 0;
  std::uint64_t shed_ = 0;
  std::vector<model::Event> history_;
};

}  // namespace fracas::controller
