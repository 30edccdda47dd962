#pragma once
#include <string>
#include <string_view>

#include "controller/report/run_record.h"

// The verdict in words that a stranger understands: the same on the terminal, in the page and in JUnit.
namespace fracas::controller {

// How the verdict should feel: as hoped, found something, nothing was proven, or nothing was tested.
enum class Tone { good, bad, warn, neutral };

std::string_view name(Tone tone);  // "good", "bad", "warn", "neutral"

struct Headline {
  Tone tone = Tone::neutral;
  std::string verdict;   // "Passed", "Violated, as expected"
  std::string sentence;  // one sentence, with the run's reason
};

Headline headline(const RunRecord& record);

// "raft on lab, 5 hosts, with register, 10 clients; 2 faults (net.partition, process.kill) over 30 s; 14,802
// operations."
std::string tested_sentence(const RunRecord& record);

// What to type to run the same again.
std::string replay_command(const RunRecord& record);

}  // namespace fracas::controller
