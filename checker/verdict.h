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

// The proof of a violation: few operations of one key that no order explains, or the node events that contradict.
struct Counterexample {
  std::string key;                         // clients' histories only
  std::string sentence;                    // what went wrong
  std::vector<ShownOperation> operations;  // by invocation; clients' histories only
  std::vector<model::NodeEvent> events;    // by time; node events only
  std::vector<std::string> fault_windows;  // ids of the faults it overlaps, else of the last before it
  std::string fault_sentence;     // "during ring#1 (net.partition n1 n2 | n3), 1.2 s after its start"; may be empty
  std::int64_t run_start_ns = 0;  // what times in sentences count from
  std::int64_t moment_ns = 0;     // when the contradiction became visible
};

struct CheckResult {
  std::string kind;  // "linearizable", "raft", "availability"
  Verdict verdict = Verdict::pass;
  std::string summary;               // one sentence
  std::vector<std::string> details;  // lines for people
  std::optional<Counterexample> counterexample;
  std::map<std::string, double> numbers;  // by name; units are in the names: "latency_p99_ms"
};

}  // namespace fracas::checker
