#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/function.h"
#include "checker/history/value.h"
#include "checker/history/values.h"
#include "lib/base/large_vector.h"

// What clients saw, in columns: what every check starts from. Made by a HistoryBuilder, from events or by a reader.
namespace fracas::checker {

// The return time of an operation that never returned, or whose outcome is unknown: it may take effect until then.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// "No such event", "no such operation".
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class Outcome : std::uint8_t {
  ok,    // took effect between its invocation and its return
  fail,  // did not take effect, now or later; what a failed cas means is an option of the check
  info,  // may take effect at any moment after its invocation, or never; also every operation without a completion
};

// One operation, 64 bytes. Operation A is before B in real time only when A.return_ns < B.invoke_ns.
struct Operation {
  std::int64_t invoke_ns = 0;        // CLOCK_BOOTTIME in our own histories; without times, the number of the event
  std::int64_t return_ns = kNever;   // kNever exactly when the outcome is info
  Value key;                         // nil where operations have none
  Value argument;                    // what was asked: nil for a read; a list of micro-operations for a txn
  Value result;                      // what came back; nil unless completed with a value
  std::uint32_t invoke = 0;          // the number of its invoke event, from 0; nemesis events are not counted
  std::uint32_t completion = kNone;  // its ok, fail or info event
  std::uint32_t process = 0;         // index into History::processes
  std::uint32_t node = kNone;        // index into History::nodes: who answered, else who was asked; kNone = unknown
  Function function = Function::read;
  Outcome outcome = Outcome::info;
  bool mismatch = false;  // a fail that says the operation took place and saw that its condition does not hold
};

// What the histories of other tools say about their faults: the events of the process "nemesis".
struct NemesisEvent {
  std::int64_t time_ns = 0;
  std::string what;  // "start-partition n1 n2"
};

struct History {
  LargeVector<Operation> operations;  // by invocation: the order of the invoke events
  Values values;
  Functions functions;
  std::vector<std::string> processes;  // by first use; a client whose operation ended in info goes on under a new name
  std::vector<std::string> nodes;      // by first use
  std::vector<NemesisEvent> nemesis;   // by time
  std::uint32_t events = 0;
  std::int64_t start_ns = 0;  // of the first event, and of the last
  std::int64_t end_ns = 0;
  bool timed = true;     // false: times are event numbers, and numbers of seconds must not be shown
  bool one_key = false;  // true: no two operations are known to have different keys, so nobody has to look

  std::string describe(Value value) const { return values.describe(value); }
  std::string_view node_of(const Operation& operation) const {
    return operation.node == kNone ? std::string_view{} : nodes[operation.node];
  }
};

}  // namespace fracas::checker
