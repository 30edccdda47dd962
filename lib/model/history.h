#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/result.h"

// What clients saw: the record that the checker judges. One JSON object a line in `history.jsonl`:
//   {"time":81234567,"process":"c3","type":"invoke","f":"cas","key":"k7","value":[1,2],"node":"n2"}
//   {"time":81934567,"process":"c3","type":"ok","f":"cas","key":"k7","value":[1,2],"node":"n4"}
// The shape follows Jepsen's histories (jepsen.io), so either tool's users can read the other's.
namespace fracas::model {

enum class EventType : std::uint8_t {
  invoke,  // a client called
  ok,      // it took effect, and `value` is what it returned
  fail,    // it certainly did not take effect, now or later
  info,    // unknown: a timeout or a broken connection; it may take effect at any later moment, or never
};

// What workloads ask for; the checker knows more (checker/history/function.h).
enum class Function : std::uint8_t {
  read,
  write,
  cas,
  append,
  del,  // "delete"
  add,
  enqueue,
  dequeue,
  drain,
  acquire,
  release,
  generate,
  txn,
  transfer,
  poll,
  echo,
  increment,  // an addition to a counter
};

// A value of any shape, as JSON text without a newline: what transactions, accounts and other tools' clients exchange.
struct Json {
  std::string text;
  bool operator==(const Json&) const = default;
};

// Nothing (a read not yet answered, or an absent key), a number, the two numbers of a compare-and-set
// (expected, new), a list of numbers (the elements of a list or a set), or anything else. A value that has one of the
// first four forms is never a Json.
using Value =
    std::variant<std::monostate, std::int64_t, std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>, Json>;

// One line of a history. A process has at most one operation open at a time: its `invoke` is followed by exactly one
// ok, fail or info, and after an info the process's name is never used again (the operation stays open for ever).
struct Event {
  std::int64_t time_ns = 0;  // CLOCK_BOOTTIME, nanoseconds; never decreases along a history
  std::string process;
  EventType type = EventType::invoke;
  Function function = Function::read;
  std::string key;
  Value value;
  std::string node;   // who was asked (invoke) or who answered (completion); may be empty
  std::string error;  // why a fail or an info; may be empty

  bool operator==(const Event&) const = default;
};

std::string_view name(EventType type);
std::string_view name(Function function);

// The value that a JSON text stands for; nothing where the text is no JSON. What a list of two numbers means depends on
// the function.
Value value_of_json(std::string_view text, Function function);
// As it stands in a history: "null", "7", "[1,2]".
std::string to_json(const Value& value);

// One line without the newline.
std::string to_json_line(const Event& event);
// ERRORS: what is wrong with the line, without its number. Unknown members are ignored.
Result<Event> parse_event(std::string_view line);

// Reads a whole history. Lines whose process is "nemesis" (faults recorded by other tools) are skipped, as are blank
// lines. ERRORS: "line N: what".
Result<std::vector<Event>> read_history(std::istream& in);

}  // namespace fracas::model
