#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "controller/target/etcd_target.h"
#include "controller/target/exec_target.h"
#include "controller/target/galera_target.h"
#include "controller/target/maelstrom_target.h"
#include "controller/target/nats_target.h"
#include "controller/target/postgres_target.h"
#include "controller/target/quorum_target.h"
#include "controller/target/rabbitmq_target.h"
#include "controller/target/raft_target.h"
#include "controller/target/redis_cluster_target.h"
#include "controller/target/redis_sentinel_target.h"
#include "controller/target/target.h"
#include "controller/target/zookeeper_target.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

std::span<const TargetKind* const> target_kinds() {
  static const std::array<const TargetKind*, 13> kinds{
      &kRaftTarget, &kQuorumTarget,        &kExecTarget,         &kExternalTarget,  &kMaelstromTarget,
      &kEtcdTarget, &kRedisSentinelTarget, &kRedisClusterTarget, &kZooKeeperTarget, &kPostgresTarget,
      &kNatsTarget, &kRabbitmqTarget,      &kGaleraTarget};
  return kinds;
}

const TargetKind& target_kind(const model::Experiment& experiment) {
  const std::string name = model::kind_of(experiment.target());
  const auto found = std::ranges::find(target_kinds(), name, &TargetKind::name);
  ensure(found != target_kinds().end(), "every kind of target that can be read is in the catalogue");
  return **found;
}

Status installed(const model::Experiment& experiment) {
  const TargetKind& kind = target_kind(experiment);
  auto here = kind.installed != nullptr ? kind.installed() : Status();
  return here ? here : failure(std::move(here).error().context(fmt::format("target {}", kind.name)));
}

}  // namespace fracas::controller
