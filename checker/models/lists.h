#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/result.h"

namespace fracas::checker {

struct Append {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  Value element;
  std::uint32_t operation = 0;  // index into History::operations
  bool required = false;        // acknowledged
};

struct ListRead {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = 0;
  std::span<const Value> list;  // borrowed from the history
  std::uint32_t operation = 0;
};

// One key's appends and answered reads, in the order of their invocations.
struct Lists {
  std::vector<Append> appends;
  std::vector<ListRead> reads;
};

// ERRORS: "event N: …" where an operation or its value is not one of a list.
Result<Lists> collect_lists(const History& history, std::span<const std::uint32_t> key);

}  // namespace fracas::checker
