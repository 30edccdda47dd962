#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/isolation/cycles.h"

// The isolation levels and what rules each of them out. Sources: Adya 1999; Cerone, Bernardi and Gotsman, "A Framework
// for Transactional Consistency Models" (2015); Daudjee and Salem, "Lazy Database Replication with Snapshot Isolation"
// (2006) for the sessions' variants. The names are those that users of Elle know.
// A level is here only if its own axioms are checked.
namespace fracas::checker::isolation {

enum class AnomalyKind : std::uint8_t {
  internal,            // a transaction does not see what it itself read or wrote before
  duplicate_elements,  // a list holds one element twice
  cyclic_versions,     // the inferred versions of a key follow each other in a circle
  incompatible_order,  // two reads of a list, neither a prefix of the other
  garbage_read,        // a value that nobody wrote
  future_read,         // a transaction sees what it writes only later
  dirty_update,        // a committed write on top of an aborted one
  g1a,                 // a read of an aborted write
  g1b,                 // a read of a write that its transaction itself replaced
  lost_update,         // two transactions read one version and both replace it
  g_cursor,            // a transaction replaces what it read, but another write came in between
  long_fork,           // two transactions see two writes in opposite orders
  monotonic_view,      // a read is older than what an earlier step of its transaction saw
  atomic_view,         // a transaction sees a part of another
  causal_view,         // a transaction misses what came before something that it saw
  predicate_miss,      // a read by a predicate lacks a key that fitted it all the time
  no_serial_order,     // orders that follow from who read from whom form a circle
  cycle,               // see CycleKind and Order
};

struct Anomaly {
  AnomalyKind kind = AnomalyKind::cycle;
  CycleKind cycle = CycleKind::g0;
  Order order = Order::none;
  bool predicate = false;  // the cycle needs a read by a predicate that lacks a write

  bool operator==(const Anomaly&) const = default;
};

// "G1a", "lost-update", "G-single-item-realtime"; "G-single" where it takes a read by a predicate.
std::string name(const Anomaly& anomaly);

// All names that can be asked for, the default first; several may mean one level ("strict-serializable" and
// "strong-serializable").
std::span<const std::string_view> level_names();

// Is the level of this name (one of level_names()) ruled out by the anomaly, directly or through a weaker level?
bool rules_out(const Anomaly& anomaly, std::string_view level);

struct LevelAnswer {
  std::vector<std::string> holds;   // the strongest that no anomaly rules out
  std::vector<std::string> fails;   // the weakest that some anomaly rules out
  std::vector<std::string> broken;  // all that are ruled out
};
// `up_to`: only this level and what is weaker was looked at; empty: all were.
LevelAnswer judge_levels(std::span<const Anomaly> anomalies, std::string_view up_to = {});

// What the level demands when the order of each process counts at every level: its "strong-session-" form, where it has
// one. Read committed and repeatable read then are those of Biswas and Enea and their followers: a transaction's reads
// do not go back, and those of one key agree.
std::string_view with_sessions(std::string_view level);

// Whether the level is one of those that views (checker/isolation/views.h) decide together with what is seen without
// any cycle.
bool is_view_level(std::string_view level);

}  // namespace fracas::checker::isolation
