#include "checker/history/partition.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <thread>

#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kWorthAThread = 50'000;  // operations

// What one thread looks at: operations that follow on one another, with numbers of their keys that are its own.
struct Part {
  std::size_t first = 0, end = 0;
  std::vector<Value> keys;          // by number, in the order of their first use
  std::vector<std::uint32_t> next;  // by number: how many operations; later where the next one goes
};

void number_keys(const History& history, Part& part, LargeVector<std::uint32_t>& numbers) {
  ValueNumbers ids;
  for (std::size_t i = part.first; i < part.end; ++i) {
    const Value key = history.operations[i].key;
    const std::uint32_t number = ids.of(key);
    if (number == part.keys.size()) {
      part.keys.push_back(key);
      part.next.push_back(0);
    }
    numbers[i] = number;
    ++part.next[number];
  }
}

// Turns the parts' counts into places, part after part within each key; returns where each key's operations begin.
std::vector<std::uint32_t> place_keys(std::vector<Part>& parts) {
  ValueNumbers ids;
  std::vector<std::vector<std::uint32_t>> global(parts.size());
  std::vector<std::uint32_t> begins;
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (std::size_t i = 0; i < parts[p].keys.size(); ++i) {
      global[p].push_back(ids.of(parts[p].keys[i]));
      if (global[p].back() + std::size_t{1} > begins.size()) begins.push_back(0);
      begins[global[p].back()] += parts[p].next[i];
    }
  begins.push_back(0);
  std::exclusive_scan(begins.begin(), begins.end(), begins.begin(), 0U);
  std::vector<std::uint32_t> place(begins.begin(), begins.end() - 1);
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (std::size_t i = 0; i < parts[p].keys.size(); ++i) {
      const std::uint32_t count = parts[p].next[i];
      parts[p].next[i] = place[global[p][i]];
      place[global[p][i]] += count;
    }
  return begins;
}

void for_each(std::vector<Part>& parts, const std::function<void(Part&)>& work) {
  std::vector<std::jthread> others;
  for (std::size_t p = 1; p < parts.size(); ++p) others.emplace_back([&work, &part = parts[p]] { work(part); });
  work(parts.front());
}

}  // namespace

Partition Partition::by_key(const History& history, unsigned threads) {
  if (history.one_key) return whole(history);
  const std::size_t count = history.operations.size();
  const unsigned cores = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<Part> parts(std::clamp<std::size_t>(count / kWorthAThread, 1, cores));
  for (std::size_t p = 0; p < parts.size(); ++p) {
    parts[p].first = count * p / parts.size();
    parts[p].end = count * (p + 1) / parts.size();
  }
  LargeVector<std::uint32_t> numbers(count);
  for_each(parts, [&](Part& part) { number_keys(history, part, numbers); });
  Partition partition;
  partition.begins_ = place_keys(parts);
  partition.operations_.resize(count);
  for_each(parts, [&](Part& part) {
    for (std::size_t i = part.first; i < part.end; ++i)
      partition.operations_[part.next[numbers[i]]++] = static_cast<std::uint32_t>(i);
  });
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
