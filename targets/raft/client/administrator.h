#pragma once
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/random.h"
#include "targets/raft/wire/codec.h"

namespace fracas::raft {

// Something that an administrator asks of the cluster.
using AdminAction = std::variant<TransferRequest, ChangeRequest>;

// One whose mind changes all the time: hands leadership to somebody, adds or removes one voter, or makes random nodes
// the voters (at least two, where there are so many) and perhaps some of the others learners. Pure: the same seed gives
// the same wishes.
class Administrator {
 public:
  // `voters`: how many of the nodes, the first ones, vote at the beginning.
  Administrator(std::vector<std::string> nodes, std::size_t voters, std::uint64_t seed);

  // How long it rests before the next wish, as a share of its usual rest: 0.5 to 1.5.
  double next_rest() { return 0.5 + random_.unit(); }
  AdminAction next();
  // Whether the last wish is known to have come true. Where not, it goes on from what was before or, as somebody who
  // does not look closely, from what it wished.
  void learn(bool done);
  // How long it waits for one wish, if it rests `every` between them.
  static Duration patience(Duration every);

 private:
  ChangeRequest one_voter_else();
  ChangeRequest random_members();

  std::vector<std::string> nodes_;
  std::vector<std::string> voters_;  // as it believes
  std::vector<std::string> wished_;
  RandomStream random_;
};

}  // namespace fracas::raft
