#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "targets/raft/core/progress.h"

namespace fracas::raft {

// What a leader knows of each follower, in the order of their names. They lie side by side, since every answer of one
// of them asks how far all of them are. Adding and removing moves the others: a pointer is good until then.
class Followers {
 public:
  struct One {
    NodeId node;
    Progress progress{};
  };

  // nullptr: it is none.
  Progress* find(const NodeId& node) { return const_cast<Progress*>(std::as_const(*this).find(node)); }
  const Progress* find(const NodeId& node) const {
    constexpr std::size_t kFew = 12;  // these are sooner looked at one after the other
    const auto found = all_.size() <= kFew ? std::ranges::find(all_, node, &One::node) : place(node);
    return found == all_.end() || found->node != node ? nullptr : &found->progress;
  }
  // No effect where it is one already.
  void add(const NodeId& node, const Progress& progress) {
    const auto at = place(node);
    if (at == all_.end() || at->node != node) all_.insert(at, {node, progress});
  }
  template <typename Predicate>
  void erase_if(const Predicate& predicate) {
    std::erase_if(all_, predicate);
  }
  void clear() { all_.clear(); }

  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }

 private:
  std::vector<One>::const_iterator place(const NodeId& node) const {
    return std::ranges::lower_bound(all_, node, {}, &One::node);
  }

  std::vector<One> all_;
};

}  // namespace fracas::raft
