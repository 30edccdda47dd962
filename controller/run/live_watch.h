#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "controller/run/live_check.h"
#include "controller/workload/recorder.h"

namespace fracas::controller {

// Follows what a recorder records on a thread of its own, ten times a second, until it is destroyed or a violation was
// found: `found` is then called once, from that thread, with what went wrong.
class LiveWatch {
 public:
  // Nothing is watched where `check` is null. `recorder` must outlive this.
  LiveWatch(std::unique_ptr<LiveCheck> check, const Recorder& recorder, std::function<void(const std::string&)> found);

  // LiveCheck::words() of the last look; empty where nothing is watched. Thread: any.
  std::string words() const;

 private:
  void watch(const std::stop_token& stopping);

  std::unique_ptr<LiveCheck> check_;
  const Recorder& recorder_;
  std::function<void(const std::string&)> found_;
  mutable std::mutex mutex_;
  std::string words_;
  std::jthread thread_;
};

}  // namespace fracas::controller
