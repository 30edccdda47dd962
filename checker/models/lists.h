#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/operations.h"
#include "lib/base/result.h"

namespace fracas::checker {

struct Append {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  std::int64_t element = 0;
  std::uint32_t operation = 0;  // index into PairedOperations::all
  bool required = false;        // acknowledged
};

struct ListRead {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = 0;
  const std::vector<std::int64_t>* list = nullptr;  // borrowed from the history's events
  std::uint32_t operation = 0;
};

// One key's appends and answered reads, in the order of their invocations.
struct Lists {
  std::vector<Append> appends;
  std::vector<ListRead> reads;
};

// ERRORS: "event N: …" where an operation or its value is not one of a list.
Result<Lists> collect_lists(const PairedOperations& operations, std::span<const std::uint32_t> key);

}  // namespace fracas::checker
