#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "controller/serve/http.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::controller {

// The live events of a run: lines of a file, numbered from 1, and a bell for those who wait for more. Thread: any.
class EventLog {
 public:
  // Makes or continues the file. ERRORS: as open(2).
  static Result<std::shared_ptr<EventLog>> open(const std::filesystem::path& path);

  void append(std::string_view line);
  // Nothing comes any more.
  void close();
  // Waits until the file is longer than `bytes`, the log is closed, or the time is over.
  void wait_beyond(std::uint64_t bytes, std::chrono::milliseconds timeout) const;
  bool closed() const;

 private:
  EventLog(os::UniqueFd file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

  mutable std::mutex mutex_;
  mutable std::condition_variable bell_;
  os::UniqueFd file_;
  std::uint64_t bytes_;
  bool closed_ = false;
};

struct ReplayOptions {
  std::filesystem::path path{};
  std::uint64_t after = 0;   // number of the last event the client has
  bool hide_faults = false;  // while the run goes on: no fault events, no plan
  // Of a run that goes on; null: the file is complete. Shared, because a client may read on when the run has ended.
  std::shared_ptr<const EventLog> log{};
};

// The events behind number `after` as server-sent events: those there are, then those to come, with a comment every
// 15 seconds that keeps the connection open; ends when the log is closed. A piece is empty where nothing came for a
// second.
Pieces event_stream(const ReplayOptions& options);

// How many events the file has.
std::uint64_t count_events(const std::filesystem::path& path);

}  // namespace fracas::controller
