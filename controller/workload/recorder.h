#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/history.h"
#include "lib/os/fd.h"

namespace fracas::controller {

// Totals of a history up to now.
struct HistoryCounts {
  std::uint64_t invoked = 0;
  std::uint64_t ok = 0;
  std::uint64_t fail = 0;
  std::uint64_t info = 0;
};

// Where clients write down what they see. Stamps each event inside one lock, so that times never go back along the
// history, and appends it to history.jsonl at once, so that a killed run keeps what it had. Thread: any.
class Recorder {
 public:
  // Makes or truncates `path`. ERRORS: as open(2).
  static Result<std::unique_ptr<Recorder>> open(const std::filesystem::path& path);

  // Sets `event.time_ns` to now and records it.
  void record(model::Event event);
  HistoryCounts counts() const;
  // The events from number `first` on. REQUIRES: there are so many, and none were taken.
  std::vector<model::Event> copy_from(std::size_t first) const;
  // Moves the history out. REQUIRES: nobody records any more.
  std::vector<model::Event> take();
  // The first write to the file that failed, if any.
  Status status() const;

 private:
  explicit Recorder(os::UniqueFd file) : file_(std::move(file)) {}

  mutable std::mutex mutex_;
  os::UniqueFd file_;
  std::vector<model::Event> events_;
  HistoryCounts counts_;
  int error_ = 0;
};

}  // namespace fracas::controller
