#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What the faults of a run really did, from `effects.jsonl`: plain data shared by runner, checker and report.
namespace fracas::model {

// What one host's data plane counted for one fault. Which counters a kind uses is in its page of docs/reference/faults.
struct EffectCounters {
  std::uint64_t matched = 0;   // packets, processes or calls the fault's scope covered
  std::uint64_t affected = 0;  // of those, how many it dropped, delayed, killed or paused
  std::uint64_t bytes = 0;     // of the affected packets
  std::int64_t first_ns = 0;   // CLOCK_BOOTTIME of the first and last affected one; 0 = none
  std::int64_t last_ns = 0;

  bool operator==(const EffectCounters&) const = default;
};

struct HostEffect {
  std::string host;
  std::string mechanism;  // "tcx", "cls_bpf", "netem", "tap-line", "freezer", "pidfd", …
  EffectCounters counters;
  std::vector<std::string> processes{};  // those it chose itself: "etcd 4711"; at most 100
};

// One occurrence of a fault: `every` makes several of one `[[fault]]`.
struct FaultWindow {
  std::string id;             // unique in the run: "ring#1"
  std::string name;           // the experiment's name for it, or its kind
  std::string kind;           // "net.partition"
  std::string description;    // one line for people: "n1 n2 | n3 n4 n5"
  std::int64_t start_ns = 0;  // CLOCK_BOOTTIME on the controller
  std::int64_t end_ns = 0;
  std::vector<HostEffect> effects;
  std::string trigger{};        // what it waited for, and what happened: "leader-elected: n3 leads"; empty: a time
  std::int64_t trigger_ns = 0;  // CLOCK_BOOTTIME of when that was seen
  std::vector<std::pair<std::string, std::string>> links{};  // packets from the first host to the second

  // A fault that affected nothing anywhere makes its run `vacuous`.
  bool had_effect() const {
    for (const HostEffect& effect : effects)
      if (effect.counters.affected > 0) return true;
    return false;
  }
};

}  // namespace fracas::model
