#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

// A log, as one partition of Kafka: an append answers with its offset, a poll with a list of [offset value] pairs.
namespace fracas::checker {

enum class LogFault : std::uint8_t {
  phantom,       // a poll read a value that nothing appended
  inconsistent,  // two values at one offset
  duplicate,     // one value at two offsets, though it was appended once
  future,        // a poll read an entry before the append of it, or of one below it, began
  reordered,     // of two appends one after the other, the first has the greater offset
  backwards,     // a poll read an offset that the same process had read or passed
  skipped,       // a poll left out an entry between where it began and the last offset it read
};
inline constexpr LogFault kLogFaults[]{LogFault::phantom, LogFault::inconsistent, LogFault::duplicate,
                                       LogFault::future,  LogFault::reordered,    LogFault::backwards,
                                       LogFault::skipped};
std::string_view name(LogFault fault);

struct LogFinding {
  LogFault fault;
  std::string sentence;
  std::vector<std::uint32_t> proof;  // operations
};

struct LogFindings {
  std::vector<LogFinding> faults;
  std::size_t appended = 0;  // acknowledged
  std::size_t polled = 0;    // entries that a poll read
  std::size_t unread = 0;    // acknowledged with an offset below the greatest that was polled, but never read
  std::string lost;          // the first of them, for people; empty where there is none
  std::vector<std::uint32_t> lost_proof;  // operations
  // A value was appended more than once, and nobody was told which append has which offset: what these two would say
  // of real time is then not looked at.
  bool ambiguous = false;
};

// Examines the operations of one log. An append's result is its offset, or [offset value], or nothing. A poll whose
// argument is an offset begins there; another begins after the last offset its process has read (the first of a
// process anywhere, and so do all of a process that did not see the answer of one). A poll may stop early. Offsets may
// have gaps. No faults mean that there is an order in which the appends took their offsets upwards and every poll read
// what was there. O(n log n). ERRORS: "event N: …" for another function or form.
Result<LogFindings> examine_log(const History& history, std::span<const std::uint32_t> operations);

}  // namespace fracas::checker
