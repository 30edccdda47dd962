#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lib/model/trigger.h"

namespace fracas::controller {

// Something that happened in a run and that faults may wait for.
struct Happening {
  model::RunEvent event{};
  std::int64_t time_ns = 0;  // CLOCK_BOOTTIME of when it was seen
  std::string detail{};      // "n3 leads"; may be empty

  // "leader-elected: n3 leads", for people.
  std::string text() const;
};

// All that happened so far, by time. Thread: any.
class Happenings {
 public:
  void publish(Happening happening);

  // The first of that event at or after a time, if there was one.
  std::optional<Happening> first(const model::RunEvent& event, std::int64_t from_ns) const;
  // The same, waited for until `deadline_ns`. Nothing also where `stopping` was asked to stop.
  std::optional<Happening> wait(const model::RunEvent& event, std::int64_t from_ns, std::int64_t deadline_ns,
                                const std::stop_token& stopping);

 private:
  std::optional<Happening> first_locked(const model::RunEvent& event, std::int64_t from_ns) const;

  mutable std::mutex mutex_;
  std::condition_variable_any more_;
  std::vector<Happening> all_;
};

}  // namespace fracas::controller
