#include "checker/isolation/sessions.h"

#include <algorithm>

namespace fracas::checker::isolation {

Sessions::Sessions(const Observations& observations) {
  const Transactions& transactions = observations.transactions();
  const auto size = transactions.all.size();
  session_.assign(size, kNone);
  place_.assign(size, 0);
  before_.assign(size, kNone);
  std::vector<std::uint32_t> last(transactions.history->processes.size(), kNone);  // by process: the last answered one
  for (std::uint32_t t = 0; t < size; ++t) {
    const bool answered = transactions.all[t].outcome == Outcome::ok;
    if (!answered && observations.written(t).empty()) continue;
    std::uint32_t& previous = last[transactions.operation(t).process];
    before_[t] = previous;
    const bool goes_on = answered && previous != kNone;
    session_[t] = goes_on ? session_[previous] : sessions_++;
    place_[t] = goes_on ? place_[previous] + 1 : 1;
    if (answered) previous = t;
  }
}

WritersBySession::WritersBySession(const Observations& observations, const Sessions& sessions) {
  const std::uint32_t keys = static_cast<std::uint32_t>(observations.transactions().keys.size());
  std::vector<std::uint32_t> next(keys + 1, 0);
  for (std::uint32_t t = 0; t < observations.size(); ++t)
    for (const std::uint32_t key : observations.written(t)) ++next[key + 1];
  for (std::size_t k = 1; k < next.size(); ++k) next[k] += next[k - 1];
  const std::vector<std::uint32_t> first = next;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> entries(next.back());  // session, transaction
  for (std::uint32_t t = 0; t < observations.size(); ++t)
    for (const std::uint32_t key : observations.written(t)) entries[next[key]++] = {sessions.session(t), t};
  places_.reserve(entries.size());
  transactions_.reserve(entries.size());
  begin_.assign(1, 0);
  for (std::uint32_t key = 0; key < keys; ++key) {
    std::sort(entries.begin() + first[key], entries.begin() + first[key + 1]);
    for (std::uint32_t i = first[key]; i < first[key + 1]; ++i) {
      const auto [session, transaction] = entries[i];
      if (i == first[key] || entries[i - 1].first != session) groups_.push_back({session, i, i});
      ++groups_.back().end;
      places_.push_back(sessions.place(transaction));
      transactions_.push_back(transaction);
    }
    begin_.push_back(static_cast<std::uint32_t>(groups_.size()));
  }
}

std::uint32_t WritersBySession::last(const Group& group, std::uint32_t place) const {
  const auto first = places_.begin() + group.first;
  const auto found = std::upper_bound(first, places_.begin() + group.end, place);
  if (found == first) return kNone;
  return transactions_[static_cast<std::size_t>(found - places_.begin()) - 1];
}

}  // namespace fracas::checker::isolation
