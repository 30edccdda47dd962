#include "checker/history/partition.h"

#include <numeric>

#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

// By operation: the number of its key, by first use.
std::vector<std::uint32_t> key_numbers(const History& history, std::uint32_t& keys) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(history.operations.size());
  ValueNumbers ids;
  for (const Operation& operation : history.operations) numbers.push_back(ids.of(operation.key));
  keys = ids.count();
  return numbers;
}

}  // namespace

Partition Partition::by_key(const History& history) {
  std::uint32_t keys = 0;
  const auto numbers = key_numbers(history, keys);
  Partition partition;
  partition.begins_.assign(keys + std::size_t{1}, 0);
  for (const std::uint32_t key : numbers) ++partition.begins_[key + 1];
  std::partial_sum(partition.begins_.begin(), partition.begins_.end(), partition.begins_.begin());
  std::vector<std::uint32_t> next(partition.begins_.begin(), partition.begins_.end() - 1);
  partition.operations_.resize(numbers.size());
  for (std::uint32_t i = 0; i < numbers.size(); ++i) partition.operations_[next[numbers[i]]++] = i;
  return partition;
}

Partition Partition::whole(const History& history) {
  Partition partition;
  if (history.operations.empty()) return partition;
  partition.operations_.resize(history.operations.size());
  std::iota(partition.operations_.begin(), partition.operations_.end(), 0U);
  partition.begins_.push_back(static_cast<std::uint32_t>(partition.operations_.size()));
  return partition;
}

}  // namespace fracas::checker
