#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/history.h"

// The clients' operations in the form the page draws them: columns of small numbers, in the order of their starts.
namespace fracas::controller {

// More operations than this are not inlined: of the answered ones an even sample is kept, of the others all.
inline constexpr std::size_t kOperationsDrawnMax = 100'000;

// How an operation is drawn. A compare-and-set that answered "did not match" succeeded as far as a client's service
// goes.
enum class Drawn : std::uint8_t { answered, failed, unknown };

// Times are microseconds since the run's origin.
struct OperationColumns {
  std::vector<std::int64_t> start_us;
  std::vector<std::int64_t> took_us;  // until it was answered or given up; -1 = neither
  std::vector<Drawn> outcome;
  std::vector<std::uint32_t> client;  // index into clients; likewise node and error
  std::vector<std::uint32_t> node;
  std::vector<std::uint32_t> error;
  std::vector<std::string> says;  // "write k7 = 5"
  std::vector<std::string> clients;
  std::vector<std::string> nodes;
  std::vector<std::string> errors;
};

// How many operations started in each step of time, all of them, also those not drawn.
struct OperationBuckets {
  std::int64_t width_us = 250'000;
  std::array<std::vector<std::uint32_t>, 3> counts;  // by Drawn; the first step begins at the origin
};

struct DrawnOperations {
  OperationColumns columns;
  OperationBuckets buckets;
  std::array<std::uint64_t, 3> totals{};  // by Drawn, all operations
  std::int64_t p50_us = 0;                // of the answered ones, all of them; 0 if there is none
  std::int64_t p99_us = 0;

  std::uint64_t total() const { return totals[0] + totals[1] + totals[2]; }
  bool sampled() const { return columns.start_us.size() < total(); }
};

// `limit` is kOperationsDrawnMax but in tests. ERRORS: a malformed history, as checker::history_of says it.
Result<DrawnOperations> draw_operations(std::span<const model::Event> history, std::int64_t origin_ns,
                                        std::size_t limit = kOperationsDrawnMax);

}  // namespace fracas::controller
