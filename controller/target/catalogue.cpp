#include <algorithm>
#include <array>

#include "controller/target/quorum_target.h"
#include "controller/target/raft_target.h"
#include "controller/target/target.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

std::span<const TargetKind* const> target_kinds() {
  static const std::array<const TargetKind*, 2> kinds{&kRaftTarget, &kQuorumTarget};
  return kinds;
}

const TargetKind& target_kind(const model::Experiment& experiment) {
  const std::string name = model::kind_of(experiment.target());
  const auto found = std::ranges::find(target_kinds(), name, &TargetKind::name);
  ensure(found != target_kinds().end(), "every kind of target that can be read is in the catalogue");
  return **found;
}

}  // namespace fracas::controller
