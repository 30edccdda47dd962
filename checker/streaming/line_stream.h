#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "checker/history/function.h"
#include "checker/readers/json_events.h"
#include "checker/readers/line_times.h"
#include "checker/streaming/stream.h"
#include "lib/base/result.h"

namespace fracas::checker {

// JSON lines, in pieces as they are written, for a stream. Events of the process "nemesis" are skipped; else the rules
// are those of readers/json_lines.h.
class LineStream {
 public:
  // `name` is that of the source, for messages. Both are borrowed.
  LineStream(Stream& stream, std::string_view name) : stream_(stream), name_(name) {}

  // Any number of bytes; a line that is not complete waits for its rest. ERRORS: "NAME:LINE: what".
  Result<void> add(std::string_view bytes);
  // There is no more.
  Result<void> finish();

  std::uint64_t answered() const { return answered_; }  // operations that took effect

 private:
  Result<void> add_line(std::string_view line);
  Result<void> add_event(const EventFields& fields);
  tl::unexpected<Error> failure_here(std::string_view what) const;

  Stream& stream_;
  std::string_view name_;
  std::string rest_;  // of a line
  JsonEvents events_;
  LineTimes times_;
  Functions functions_;
  std::uint64_t line_ = 0;
  std::int64_t number_ = 0;  // of the next event
  std::uint64_t answered_ = 0;
};

}  // namespace fracas::checker
