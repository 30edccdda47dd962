#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fracas::quorum {

// Planted mistakes, off unless a canary asks for them: see targets/quorum/bugs.toml.
struct Bugs {
  // Quorums.
  bool small_quorum = false;      // reads and writes wait for half of the replicas, so they need not meet
  bool no_write_back = false;     // an atomic read does not make sure that later reads see what it saw
  bool wall_clock = false;        // an atomic write takes its stamp from the host's clock, without asking anybody
  bool sloppy_as_strict = false;  // stand-ins for unreachable homes count in atomic mode
  bool unsynced_copy = false;     // a copy is acknowledged before it is on the disk
  // Values.
  bool no_tombstones = false;   // a deleted key is forgotten at once
  bool drop_siblings = false;   // of values that were written side by side, one is kept
  bool forgotten_dots = false;  // a restarted member counts its events from 1 again
  bool add_counts = false;      // joining counters adds them up
  // Repair.
  bool volatile_hints = false;  // hints are not written to the disk
  bool skip_range = false;      // anti-entropy never compares the last sixteenth of the keys
};

// Their names, as written in experiments and on the command line.
std::vector<std::string> bug_names();

// Switches one on. False if there is none of that name.
bool plant(Bugs& bugs, std::string_view name);

}  // namespace fracas::quorum
