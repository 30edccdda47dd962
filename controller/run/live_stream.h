#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::controller {

// Where `--live` goes: lines, written by a thread of its own, so that a reader who stalls never holds up a run. When
// more than kWaitingMax lines wait, `ops` lines are dropped. A reader who is gone is no error. Thread: any.
class LiveStream {
 public:
  static constexpr std::size_t kWaitingMax = 2000;

  // A number is a descriptor of ours, anything else a file that is made or truncated. ERRORS: as open(2), fcntl(2).
  static Result<std::unique_ptr<LiveStream>> open(const std::string& where);
  // Writes what still waits, for at most five seconds.
  ~LiveStream();

  // The newline is added.
  void say(std::string line);

 private:
  explicit LiveStream(os::UniqueFd out);
  void write_until_closed();
  bool write(std::string_view text);

  os::UniqueFd out_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> waiting_;
  bool closing_ = false;
  std::int64_t deadline_ns_ = 0;  // while closing
  std::jthread thread_;
};

}  // namespace fracas::controller
