#include "targets/raft/shell/append_batch.h"

#include <algorithm>
#include <iterator>

#include "targets/raft/core/progress.h"

namespace fracas::raft {
namespace {

std::size_t bytes_of(const AppendRequest& request) {
  std::size_t bytes = 0;
  for (const Entry& entry : request.entries) bytes += entry.payload.size();
  return bytes;
}

}  // namespace

bool add_to(AppendRequest& earlier, AppendRequest& later) {
  const bool goes_on = later.term == earlier.term && later.prev_index == earlier.prev_index + earlier.entries.size() &&
                       later.prev_term == (earlier.entries.empty() ? earlier.prev_term : earlier.entries.back().term);
  if (!goes_on || earlier.entries.size() + later.entries.size() > kBatchEntriesMax ||
      bytes_of(earlier) + bytes_of(later) > kBatchBytesMax)
    return false;
  earlier.commit = std::max(earlier.commit, later.commit);
  earlier.round = std::max(earlier.round, later.round);
  std::ranges::move(later.entries, std::back_inserter(earlier.entries));
  return true;
}

}  // namespace fracas::raft
