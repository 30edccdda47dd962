#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/timed_queue.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

// Threads that sleep until the earliest moment of their queue (a CLOCK_BOOTTIME timer, so that suspended time counts);
// then one of them calls `on_due` with the key. A few, so that one slow call does not hold up what is due meanwhile.
// Owner: one holder; destruction ends the threads after the calls under way.
class Scheduler {
 public:
  // `on_due` runs on the scheduler's threads, several at once, without a lock held; it may call set and clear.
  static Result<std::unique_ptr<Scheduler>> start(std::function<void(const std::string& key)> on_due);
  ~Scheduler();

  // Thread: any. Replaces the key's moment; one in the past is due at once.
  void set(const std::string& key, std::int64_t when_boot_ns);
  void clear(const std::string& key);

 private:
  Scheduler(os::UniqueFd timer, std::function<void(const std::string& key)> on_due);
  void run(const std::stop_token& stop);
  // REQUIRES: mutex_ held.
  void set_timer();

  os::UniqueFd timer_;
  std::function<void(const std::string& key)> on_due_;
  std::mutex mutex_;
  TimedQueue queue_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace fracas::agent
