#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/result.h"
#include "lib/model/history.h"

// Pairs the events of a history into operations: what every check on client histories starts from.
namespace fracas::checker {

// One operation. Values are not copied: they are those of the events it points at.
struct PairedOperation {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;   // kNever exactly when the outcome is info
  std::uint32_t invoke = 0;          // index of its invoke event
  std::uint32_t completion = kNone;  // index of its ok, fail or info event
  std::uint32_t client = 0;          // index into PairedOperations::clients
  std::uint32_t key = 0;             // index into PairedOperations::keys
  model::Function function = model::Function::read;
  Outcome outcome = Outcome::info;
};

// All operations of a history, in the order of their invocations. Borrows the events: they must outlive it.
struct PairedOperations {
  std::span<const model::Event> events;
  std::vector<std::string_view> clients;
  std::vector<std::string_view> keys;
  std::vector<PairedOperation> all;

  // What was asked for: nothing for a read.
  const model::Value& argument(const PairedOperation& operation) const { return events[operation.invoke].value; }
  // What came back. REQUIRES: the operation has a completion event.
  const model::Value& result(const PairedOperation& operation) const { return events[operation.completion].value; }
  // The node that answered, else the one that was asked; may be empty.
  std::string_view node(const PairedOperation& operation) const;
};

// Equal times count as concurrent: operation A is before B only when A's return time is smaller than B's invoke time.
// ERRORS, with the event's number (from 1): a completion without its invocation, a second operation of a process that
// has one open, a completion of another function or key, a time smaller than the one before, more than 2^32-2 events.
Result<PairedOperations> pair_events(std::span<const model::Event> events);

// Indexes into `operations.all`, one list a key, each in the order of invocation. Failed operations are left out.
std::vector<std::vector<std::uint32_t>> split_by_key(const PairedOperations& operations);

}  // namespace fracas::checker
