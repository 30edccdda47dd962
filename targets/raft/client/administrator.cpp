#include "targets/raft/client/administrator.h"

#include <algorithm>
#include <utility>

namespace fracas::raft {
namespace {

constexpr double kTransfers = 0.3;
constexpr double kOneElse = 0.6;  // of the changes of members
constexpr double kLearns = 0.5;   // of those that do not vote
constexpr double kCareless = 0.5;

}  // namespace

Administrator::Administrator(std::vector<std::string> nodes, std::size_t voters, std::uint64_t seed)
    : nodes_(std::move(nodes)),
      voters_(nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(std::min(voters, nodes_.size()))),
      random_(seed, "raft/administrator") {}

AdminAction Administrator::next() {
  if (random_.chance(kTransfers))
    return TransferRequest{nodes_[static_cast<std::size_t>(random_.below(nodes_.size()))]};
  ChangeRequest change = random_.chance(kOneElse) ? one_voter_else() : random_members();
  wished_ = change.voters;
  return change;
}

void Administrator::learn(bool done) {
  if (wished_.empty()) return;
  if (done || random_.chance(kCareless)) voters_ = wished_;
  wished_.clear();
}

Duration Administrator::patience(Duration every) {
  return std::clamp<Duration>(every, std::chrono::milliseconds(50), std::chrono::seconds(2));
}

ChangeRequest Administrator::one_voter_else() {
  const std::string& node = nodes_[static_cast<std::size_t>(random_.below(nodes_.size()))];
  ChangeRequest change{.voters = voters_, .learners = {}};
  if (std::find(voters_.begin(), voters_.end(), node) == voters_.end()) {
    change.voters.push_back(node);
  } else if (voters_.size() > 2) {
    std::erase(change.voters, node);
  }
  return change;
}

ChangeRequest Administrator::random_members() {
  std::vector<std::string> shuffled = nodes_;
  shuffle(shuffled, random_);
  const std::size_t least = std::min<std::size_t>(2, nodes_.size());
  const std::size_t count = least + static_cast<std::size_t>(random_.below(nodes_.size() - least + 1));
  ChangeRequest change;
  for (std::size_t i = 0; i < shuffled.size(); ++i) {
    if (i < count) change.voters.push_back(shuffled[i]);
    if (i >= count && random_.chance(kLearns)) change.learners.push_back(shuffled[i]);
  }
  return change;
}

}  // namespace fracas::raft
