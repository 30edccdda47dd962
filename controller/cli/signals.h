#pragma once
#include <thread>

#include "controller/run/abort.h"

namespace fracas::controller {

// Turns SIGINT and SIGTERM into the end of the run under way: the first asks `abort`, the second hurries it. One exists
// at a time, made before any other thread, so that no thread is ever interrupted by them.
class Signals {
 public:
  Signals();
  ~Signals();

  // The run that signals end from now on; nullptr: none. `abort` must stay valid until then.
  void aim(Abort* abort);
  // A signal came at some time.
  bool caught() const { return caught_; }

 private:
  void wait(const std::stop_token& stopping);

  std::mutex mutex_;
  Abort* abort_ = nullptr;
  std::atomic<bool> caught_ = false;
  std::jthread thread_;
};

}  // namespace fracas::controller
