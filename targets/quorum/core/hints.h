#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/quorum/core/message.h"

namespace fracas::quorum {

// What a member holds for others that could not be reached. Source: DeCandia et al. 2007, section 4.6.
class Hints {
 public:
  // Joins a cell into what is held for `home`. The cell held then; null where kinds differ.
  const Cell* add(Member home, const std::string& key, const Cell& cell, const JoinBugs& bugs);
  void restore(Member home, const std::string& key, std::optional<Cell> cell);
  // Everything held of a key, joined into `cell`.
  void join_into(const std::string& key, std::optional<Cell>& cell) const;

  std::vector<Member> homes() const;
  bool empty() const { return held_.empty(); }
  std::size_t size() const;
  // Up to `count_max` entries for a home, for handing over.
  std::vector<Entry> batch(Member home, std::size_t count_max) const;
  // Forgets those of a batch that have not changed meanwhile; returns their keys.
  std::vector<std::string> release(Member home, const std::vector<Entry>& batch);

  const std::map<Member, std::map<std::string, Cell>>& held() const { return held_; }

 private:
  std::map<Member, std::map<std::string, Cell>> held_;
};

}  // namespace fracas::quorum
