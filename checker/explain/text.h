#pragma once
#include <cstdint>
#include <string>

#include "checker/verdict.h"

// How values, operations and times read in sentences and tables.
namespace fracas::checker {

// "nil", "17", "[1 2 3]"; long lists show their length and their end: "[… 8 9] (9 elements)".
std::string describe_value(const History& history, Value value);
// "key k3: ", or nothing where operations have no key.
std::string describe_key(const History& history, Value key);
// "312 ms", "1.53 s": a distance in time for a sentence.
std::string describe_span(std::int64_t nanoseconds);
// The same between two times of a history: "14 events" where it has no times.
std::string describe_distance(const History& history, std::int64_t from, std::int64_t to);
// "write 21", "read 17", "cas 3->5", "append 4"; an operation without a known outcome ends in "?".
std::string describe_operation(const ShownOperation& operation);
// " from n1" for a read and " at n1" for the rest, empty where the node is unknown.
std::string describe_node(const ShownOperation& operation);

// The key as the user wrote it; empty for nil.
std::string key_text(const History& history, Value key);
ShownOperation show(const History& history, const Operation& operation);

}  // namespace fracas::checker
