#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace fracas::controller {

// Who led when last asked, at most half a second ago, for those who cannot wait for an answer. Thread: any.
class LeaderWatch {
 public:
  // `ask` is called by a thread of its own, until the watch is gone.
  explicit LeaderWatch(std::function<std::string()> ask);

  std::string last() const;

 private:
  std::function<std::string()> ask_;
  mutable std::mutex mutex_;
  std::string leader_;
  std::jthread thread_;
};

}  // namespace fracas::controller
