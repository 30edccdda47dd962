#include "controller/plan/victims_bound.h"

#include <algorithm>

#include "lib/base/ensure.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

bool counts_as_hit(const std::string& kind) {
  return kind != "net.partition" && kind != "net.loss";
}

std::size_t victims_max(const model::Experiment& experiment) {
  const double share = experiment.safety().victims_max();
  return static_cast<std::size_t>(share * model::host_counts(experiment).nodes + 1e-9);
}

std::optional<std::size_t> first_above(const std::vector<PlannedFault>& planned, std::size_t most) {
  for (std::size_t i = 0; i < planned.size(); ++i) {
    if (!counts_as_hit(planned[i].kind) || planned[i].awaited) continue;
    const Duration moment = planned[i].start;
    std::set<std::string> hit;
    for (const PlannedFault& other : planned)
      if (counts_as_hit(other.kind) && !other.awaited && other.start <= moment && moment < other.start + other.length)
        hit.insert(other.victims.begin(), other.victims.end());
    if (hit.size() > most) return i;
  }
  return std::nullopt;
}

bool Hits::add(const std::vector<std::string>& victims) {
  const auto fresh = std::count_if(victims.begin(), victims.end(),
                                   [this](const std::string& victim) { return hit_.count(victim) == 0; });
  if (hit_.size() + static_cast<std::size_t>(fresh) > most_) return false;
  for (const std::string& victim : victims) ++hit_[victim];
  return true;
}

void Hits::remove(const std::vector<std::string>& victims) {
  for (const std::string& victim : victims) {
    const auto found = hit_.find(victim);
    ensure(found != hit_.end(), "only hosts that were hit are released");
    if (--found->second == 0) hit_.erase(found);
  }
}

}  // namespace fracas::controller
