#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "lib/model/node_event.h"

// What a check says: plain data, for the terminal, the report and the exit code.
namespace fracas::checker {

enum class Verdict : std::uint8_t { pass, violated, undecided };

std::string_view name(Verdict verdict);

// One operation as a client saw it, with its own copy of everything.
struct ShownOperation {
  std::string client;
  std::string node;      // that answered, else that was asked; may be empty
  std::string function;  // "cas"
  std::string argument;  // what was asked, for people: "3->5" for a compare-and-set; empty where there is nothing
  std::string result;    // what came back; empty unless the outcome is ok
  Outcome outcome = Outcome::ok;
  std::int64_t invoke_ns = 0;  // CLOCK_BOOTTIME
  std::int64_t return_ns = kNever;
};

// An order of a proof's operations that works as far as it goes, and what stops it there. It is one of the longest.
struct DeadEnd {
  struct Step {
    std::size_t operation = 0;  // index into Counterexample::operations
    std::string holds;          // what is held afterwards: "21", "[1 2]"; empty where the model cannot tell
  };
  struct Refusal {
    std::size_t operation = 0;
    std::string why;  // what it contradicts: "does not fit: 21 is held"
  };
  std::string start;  // what is held at first
  std::vector<Step> order;
  std::vector<Refusal> refusals;  // all that could come next in time
};

// A fault that acted while a proof's operations ran.
struct ShownFault {
  std::string id;
  std::string what;  // "net.partition n1 n2 | n3"
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

// Something that happened at one moment: a node became leader.
struct ShownMoment {
  std::int64_t time_ns = 0;
  std::string what;  // "n2 became leader in term 4"
};

// Why one operation of a proof (a transaction) must come before another, when all of them form a circle.
struct CycleEdge {
  std::size_t from = 0;  // indexes into Counterexample::operations
  std::size_t to = 0;
  std::string label;  // "ww", "realtime"
  std::string why;    // the reads and writes that prove it
};

// The proof of a violation: few operations of one key that no order explains, or the node events that contradict.
struct Counterexample {
  std::string key;                         // clients' histories only
  std::string sentence;                    // what went wrong
  std::vector<ShownOperation> operations;  // by invocation, or in the order of `cycle`; clients' histories only
  std::vector<DeadEnd> dead_ends;          // the longest orders of the operations; empty where none was looked for
  std::vector<CycleEdge> cycle;            // transactions only
  std::vector<model::NodeEvent> events;    // by time; node events only
  std::vector<ShownFault> faults;          // that acted from the first operation to the moment; by start
  std::vector<ShownMoment> marks;          // of the same time, and the last before it; by time
  std::vector<std::string> fault_windows;  // ids of the faults it overlaps, else of the last before it
  std::string fault_sentence;     // "during ring#1 (net.partition n1 n2 | n3), 1.2 s after its start"; may be empty
  std::int64_t run_start_ns = 0;  // what times in sentences count from
  bool timed = true;              // false: times are the numbers of events
  std::int64_t moment_ns = 0;     // when the contradiction became visible
};

// An order of a key's operations that explains every answer, for whoever wants to replay it: by the numbers of their
// invoke events, from 1. Operations that are not in it did not take effect.
struct Witness {
  std::string key;
  std::vector<std::uint32_t> invocations;
};

struct CheckResult {
  std::string kind;  // "linearizable", "raft", "availability"
  Verdict verdict = Verdict::pass;
  std::string summary;               // one sentence
  std::vector<std::string> details;  // lines for people, `levels` among them
  std::optional<Counterexample> counterexample;
  std::map<std::string, double> numbers;  // by name; units are in the names: "latency_p99_ms"
  std::vector<Witness> witnesses = {};    // of the linearizable keys, if the budget asked for them
  std::string levels = {};                // which levels hold and which fail, where a check judges several
};

}  // namespace fracas::checker
