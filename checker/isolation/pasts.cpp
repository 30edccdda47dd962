#include "checker/isolation/pasts.h"

#include <algorithm>

namespace fracas::checker::isolation {

template <typename Use>
void Pasts::each_source(std::uint32_t transaction, const Use& use) const {
  if (const std::uint32_t before = sessions_.before(transaction); before != kNone) use(before);
  for (const Observation& observation : observations_.of(transaction))
    if (observation.from != kNone) use(observation.from);
}

Pasts::Pasts(const Observations& observations, const Sessions& sessions, std::size_t bytes)
    : observations_(observations),
      sessions_(sessions),
      length_(std::max<std::size_t>(1, sessions.size())),
      rows_max_(bytes / (length_ * sizeof(std::uint32_t))),
      row_of_(observations.size(), kNone),
      followers_(observations.size(), 0),
      states_(observations.size(), State::untouched) {
  for (std::uint32_t t = 0; t < observations.size(); ++t)
    if (sessions.session(t) != kNone) each_source(t, [&](std::uint32_t source) { ++followers_[source]; });
}

Walk Pasts::walk(const std::function<void(std::uint32_t, Clock)>& visit) {
  for (std::uint32_t t = 0; t < observations_.size(); ++t) {
    if (sessions_.session(t) == kNone || states_[t] != State::untouched) continue;
    if (const Walk walk = reach(t, visit); walk != Walk::whole) return walk;
  }
  return Walk::whole;
}

// Depth first over what came before: transactions are visited nearly in the order of their invocations.
Walk Pasts::reach(std::uint32_t transaction, const std::function<void(std::uint32_t, Clock)>& visit) {
  stack_.assign(1, transaction);
  while (!stack_.empty()) {
    const std::uint32_t top = stack_.back();
    if (states_[top] == State::done) {
      stack_.pop_back();
      continue;
    }
    if (states_[top] == State::untouched) {
      states_[top] = State::open;
      bool cyclic = false;
      each_source(top, [&](std::uint32_t source) {
        if (states_[source] == State::untouched) stack_.push_back(source);
        cyclic = cyclic || states_[source] == State::open;
      });
      if (cyclic) return Walk::cyclic;
      if (stack_.back() != top) continue;
    }
    if (!close(top, visit)) return Walk::too_large;
    stack_.pop_back();
  }
  return Walk::whole;
}

bool Pasts::close(std::uint32_t transaction, const std::function<void(std::uint32_t, Clock)>& visit) {
  std::uint32_t& own = row_of_[transaction];
  if (!take_row(own)) return false;
  const std::span<std::uint32_t> cells = std::span(cells_).subspan(own * length_, length_);
  each_source(transaction, [&](std::uint32_t source) {
    const Clock other = of(source);
    for (std::size_t i = 0; i < length_; ++i) cells[i] = std::max(cells[i], other[i]);
  });
  visit(transaction, cells);
  cells[sessions_.session(transaction)] = sessions_.place(transaction);
  each_source(transaction, [&](std::uint32_t source) {
    if (--followers_[source] == 0) release(source);
  });
  if (followers_[transaction] == 0) release(transaction);
  states_[transaction] = State::done;
  return true;
}

bool Pasts::take_row(std::uint32_t& row) {
  if (!free_rows_.empty()) {
    row = free_rows_.back();
    free_rows_.pop_back();
    std::fill_n(cells_.begin() + static_cast<std::ptrdiff_t>(row * length_), length_, 0U);
    return true;
  }
  const std::size_t rows = cells_.size() / length_;
  if (rows >= rows_max_) return false;
  row = static_cast<std::uint32_t>(rows);
  cells_.resize(cells_.size() + length_, 0);
  return true;
}

void Pasts::release(std::uint32_t transaction) {
  free_rows_.push_back(row_of_[transaction]);
}

}  // namespace fracas::checker::isolation
