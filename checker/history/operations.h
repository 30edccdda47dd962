#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/history.h"

// Pairs the events of a history into operations: what every check on client histories starts from.
namespace fracas::checker {

// The return time of an operation that never returned, or whose outcome is unknown: it may take effect until then.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// "No such event", "no such operation".
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class Outcome : std::uint8_t {
  ok,    // took effect between its invocation and its return
  fail,  // did not take effect, now or later
  info,  // may take effect at any moment after its invocation, or never; also every operation without a completion
};

// One operation. Values are not copied: they are those of the events it points at.
struct Operation {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;   // kNever exactly when the outcome is info
  std::uint32_t invoke = 0;          // index of its invoke event
  std::uint32_t completion = kNone;  // index of its ok, fail or info event
  std::uint32_t client = 0;          // index into Operations::clients
  std::uint32_t key = 0;             // index into Operations::keys
  model::Function function = model::Function::read;
  Outcome outcome = Outcome::info;
};

// All operations of a history, in the order of their invocations. Borrows the events: they must outlive it.
struct Operations {
  std::span<const model::Event> events;
  std::vector<std::string_view> clients;
  std::vector<std::string_view> keys;
  std::vector<Operation> all;

  // What was asked for: nothing for a read.
  const model::Value& argument(const Operation& operation) const { return events[operation.invoke].value; }
  // What came back. REQUIRES: the operation has a completion event.
  const model::Value& result(const Operation& operation) const { return events[operation.completion].value; }
  // The node that answered, else the one that was asked; may be empty.
  std::string_view node(const Operation& operation) const;
};

// Equal times count as concurrent: operation A is before B only when A's return time is smaller than B's invoke time.
// ERRORS, with the event's number (from 1): a completion without its invocation, a second operation of a process that
// has one open, a completion of another function or key, a time smaller than the one before, more than 2^32-2 events.
Result<Operations> pair_events(std::span<const model::Event> events);

// Indexes into `operations.all`, one list a key, each in the order of invocation. Failed operations are left out.
std::vector<std::vector<std::uint32_t>> split_by_key(const Operations& operations);

}  // namespace fracas::checker
