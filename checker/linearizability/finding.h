#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace fracas::checker {

// Bounds the search of one key. By default not in seconds: the same history gets the same verdict on every machine.
struct Budget {
  std::uint64_t configurations_per_key = 5'000'000;    // explored; a million takes one or two seconds
  std::size_t bytes_per_key = std::size_t{512} << 20;  // of the search's own tables, the states and the timeline
  unsigned threads = 0;                                // keys checked at once; 0 = as many as the machine has cores
  unsigned threads_per_key = 1;                        // that search one key, at most 2; not for a sequential model
  // Asked every millisecond or so, from every thread: true ends the search with `unknown`. Empty = never.
  std::function<bool()> give_up = {};
  bool witness = false;  // whether a linearizable key's finding has to hold an order that proves it
};

enum class Linearizable : std::uint8_t { yes, no, unknown };

// What a template recognised; `none` when the search found the violation.
enum class Pattern : std::uint8_t {
  none,
  phantom_read,  // evidence: the read
  future_read,   // the read, the earliest operation that could have produced what it saw
  stale_read,    // the read, what produced its value (not for nil), the overwriting operation, [a read that proves it]
  duplicate_element,   // the read, the append
  incompatible_reads,  // two reads of lists of which neither is a prefix of the other
  lost_append,         // the append, the read that lacks it
  shrinking_read,      // the longer read, the later shorter one
  append_order,        // the append that was first in time, the one that is first in the list, a read that shows it
  clusters,            // two values' operations that cannot be ordered
};

// An engine's answer for one key. `evidence` and `witness` are indexes into the Problem's calls (register engines) or
// into History::operations (list engines), as the engine's header says.
struct Finding {
  Linearizable linearizable = Linearizable::yes;
  std::string reason;  // unknown only: which budget ran out, and what is known all the same
  Pattern pattern = Pattern::none;
  std::vector<std::uint32_t> evidence;  // no only
  std::int64_t failed_at_ns = 0;        // no only: by then no order was possible any more
  std::uint64_t explored = 0;           // configurations
  std::size_t bytes = 0;                // unknown only: held by the search when it ended
  // `no` of a register only: the calls that returned after this time contradict each other already, whatever the
  // register held then.
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  // `yes` only, if the budget asked for it: all calls that took effect, in an order that explains every answer.
  std::vector<std::uint32_t> witness = {};
};

}  // namespace fracas::checker
