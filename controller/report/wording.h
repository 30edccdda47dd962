#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "checker/verdict.h"
#include "lib/model/effect.h"

// How the report words single facts, so that terminal, page and JUnit say the same.
namespace fracas::controller {

// 12345 becomes "12,345".
std::string with_separators(std::uint64_t number);

// A moment of the run for people: "12.345 s" after `origin_ns`.
std::string moment(std::int64_t time_ns, std::int64_t origin_ns);

// A number of a check with its unit taken out of its name: {"latency p99", "12.3 ms"} for latency_p99_ms, per cent for
// names that end in _rate or _share, a plain count otherwise. "–" for what is not a number.
struct ShownNumber {
  std::string label;
  std::string value;
};
ShownNumber show_number(std::string_view name, double value);

// "write k7 = 5", "read k7 → 5", "cas k7: 1->2", "append 5 to k7", "dequeue q → 3". `key` may be empty.
std::string operation_text(const checker::ShownOperation& operation, std::string_view key);

// "n3 voted for n1 in term 4", "n2 became leader in term 5".
std::string node_event_text(const model::NodeEvent& event);

// What a fault waited for: "12 ms after leader-elected: n3 leads". REQUIRES: it has a trigger.
std::string trigger_text(const model::FaultWindow& fault);

// What a fault did over all hosts: "dropped 1,234 packets on 5 hosts", "had no effect".
std::string effect_text(const model::FaultWindow& fault);

}  // namespace fracas::controller
