#pragma once
#include <cstdint>
#include <string>

#include "checker/verdict.h"

// How values, operations and times read in sentences and tables.
namespace fracas::checker {

// "nil", "17", "3->5" for a compare-and-set, "[1 2 3]"; long lists show their length and their end: "[… 8 9] (9
// elements)".
std::string describe_value(const model::Value& value);
// "312 ms", "1.53 s": a distance in time for a sentence.
std::string describe_span(std::int64_t nanoseconds);
// "write 21", "read 17", "cas 3->5", "append 4"; an operation without a known outcome ends in "?".
std::string describe_operation(const ShownOperation& operation);
// " from n1" for a read and " at n1" for the rest, empty where the node is unknown.
std::string describe_node(const ShownOperation& operation);

ShownOperation show(const PairedOperations& operations, const PairedOperation& operation);

}  // namespace fracas::checker
