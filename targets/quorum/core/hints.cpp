#include "targets/quorum/core/hints.h"

#include <utility>

namespace fracas::quorum {

const Cell* Hints::add(Member home, const std::string& key, const Cell& cell, const JoinBugs& bugs) {
  auto [held, fresh] = held_[home].try_emplace(key, cell);
  if (!fresh && !join(held->second, cell, bugs)) return nullptr;
  return &held->second;
}

void Hints::restore(Member home, const std::string& key, std::optional<Cell> cell) {
  if (cell) {
    held_[home].insert_or_assign(key, std::move(*cell));
    return;
  }
  const auto found = held_.find(home);
  if (found == held_.end()) return;
  found->second.erase(key);
  if (found->second.empty()) held_.erase(found);
}

void Hints::join_into(const std::string& key, std::optional<Cell>& cell) const {
  for (const auto& [home, cells] : held_) {
    const auto found = cells.find(key);
    if (found == cells.end()) continue;
    if (!cell) {
      cell = found->second;
    } else {
      join(*cell, found->second);
    }
  }
}

std::vector<Member> Hints::homes() const {
  std::vector<Member> homes;
  for (const auto& [home, cells] : held_) homes.push_back(home);
  return homes;
}

std::size_t Hints::size() const {
  std::size_t count = 0;
  for (const auto& [home, cells] : held_) count += cells.size();
  return count;
}

std::vector<Entry> Hints::batch(Member home, std::size_t count_max) const {
  std::vector<Entry> entries;
  const auto found = held_.find(home);
  if (found == held_.end()) return entries;
  for (const auto& [key, cell] : found->second) {
    if (entries.size() == count_max) break;
    entries.emplace_back(key, cell);
  }
  return entries;
}

std::vector<std::string> Hints::release(Member home, const std::vector<Entry>& batch) {
  std::vector<std::string> released;
  const auto found = held_.find(home);
  if (found == held_.end()) return released;
  for (const auto& [key, cell] : batch) {
    const auto held = found->second.find(key);
    if (held == found->second.end() || held->second != cell) continue;
    found->second.erase(held);
    released.push_back(key);
  }
  if (found->second.empty()) held_.erase(found);
  return released;
}

}  // namespace fracas::quorum
