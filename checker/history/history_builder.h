#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/result.h"
#include "lib/model/history.h"

namespace fracas::checker {

// One line of a history, with its values already in the builder's `values`.
struct EventRow {
  std::int64_t time_ns = 0;
  model::EventType type = model::EventType::invoke;
  Function function = Function::read;
  std::uint32_t process = 0;   // from HistoryBuilder::process()
  std::uint32_t node = kNone;  // from HistoryBuilder::node()
  Value key;
  Value value;
  bool mismatch = false;  // a completion's: says_mismatch() of its error
};

// Whether a fail with this error means that the operation saw its condition not to hold: that of a cas without an
// error, or with one that begins with "mismatch".
bool says_mismatch(Function function, std::string_view error);

// Numbers names by first use, without a copy for each look-up.
class NameIndex {
 public:
  std::uint32_t of(std::string_view name, std::vector<std::string>& names);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> ids_;
};

// Pairs events into operations, and refuses a history that breaks its own rules: a process has at most one operation
// open, and a completion belongs to its invocation. REQUIRES: events come in the order they happened.
class HistoryBuilder {
 public:
  HistoryBuilder();

  Values& values() { return history_.values; }
  Functions& functions() { return history_.functions; }
  std::uint32_t process(std::string_view name);
  std::uint32_t node(std::string_view name);

  // ERRORS, without the event's place: a completion without its invocation, a second operation of a process that has
  // one open, a completion of another function or key, a time smaller than the one before, more than 2^32-2 events.
  // A process may go on after an info, as the clients of some recorders do; its operation stays open all the same.
  // A completion without a key or a node has those of its invocation.
  Result<void> add(const EventRow& event);
  void add(NemesisEvent event);
  // An operation of which only the completion is on record. It was invoked at an unknown time, at the earliest at
  // `invoke_ns`; its value is what was asked and what came back. Operation::invoke and completion are this one event.
  // REQUIRES: event.type is not invoke, !has_open(event.process). ERRORS: as for add.
  Result<void> add_uninvoked(const EventRow& event, std::int64_t invoke_ns);

  // Room for so many operations, so that adding them moves nothing.
  void reserve(std::size_t operations) { history_.operations.reserve(operations); }

  bool has_open(std::uint32_t process) const { return open_[process] != kNone; }
  std::uint32_t events() const { return history_.events; }
  const std::vector<NemesisEvent>& nemesis() const { return history_.nemesis; }
  // Operations that are still open stay so, as info.
  History finish(bool timed = true) &&;

 private:
  Result<void> check_place(const EventRow& event) const;
  void count(const EventRow& event);
  Result<void> invoke(const EventRow& event);
  Result<void> complete(const EventRow& event);
  void append(const Operation& operation);

  History history_;
  NameIndex process_ids_, node_ids_;
  std::vector<std::uint32_t> open_;  // by process: its open operation, or kNone
  std::int64_t last_ns_ = std::numeric_limits<std::int64_t>::min();
};

// What an event of our own histories carries.
Value value_of(const model::Value& value, Values& values);

// ERRORS: "event N: …", from 1.
Result<History> history_of(std::span<const model::Event> events);

}  // namespace fracas::checker
