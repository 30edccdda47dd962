#include "controller/hunt/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

constexpr int kFaultsMax = 40;

Duration phase_of(const model::Experiment& experiment) {
  return model::from_proto(experiment.phases().faults());
}

Duration below(Duration bound, RandomStream& random) {
  return Duration(
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, bound.count())))));
}

// Keeps the window inside the fault phase.
void place(model::FaultSpec& fault, Duration start, Duration length, Duration phase) {
  constexpr Duration kLeast = std::chrono::milliseconds(1);
  length = std::clamp(length, kLeast, phase);
  start = std::clamp(start, Duration{}, phase - length);
  // What is moved starts at a time from then on.
  fault.clear_when();
  *fault.mutable_at() = model::to_proto(start);
  *fault.mutable_for_() = model::to_proto(length);
}

void move(model::FaultSpec& fault, Duration phase, RandomStream& random) {
  place(fault, below(phase, random), model::from_proto(fault.for_()), phase);
}

void stretch(model::FaultSpec& fault, Duration phase, RandomStream& random) {
  const double factor = 0.25 + 2.75 * random.unit();
  const auto length = static_cast<double>(model::from_proto(fault.for_()).count()) * factor;
  place(fault, model::from_proto(fault.at()), Duration(static_cast<std::int64_t>(length)), phase);
}

void send_elsewhere(model::FaultSpec& fault, bool has_leader, RandomStream& random) {
  static constexpr std::array kVictims{"one", "minority", "all", "leader", "followers"};
  const std::size_t victims = has_leader ? kVictims.size() : kVictims.size() - 2;
  if (fault.has_net_partition()) {
    constexpr std::array kShapes{model::NetPartition::SHAPE_HALVES, model::NetPartition::SHAPE_MAJORITY_MINORITY,
                                 model::NetPartition::SHAPE_MAJORITIES_RING, model::NetPartition::SHAPE_BRIDGE};
    if (fault.net_partition().shape() != model::NetPartition::SHAPE_GROUPS)
      fault.mutable_net_partition()->set_shape(kShapes[static_cast<std::size_t>(random.below(kShapes.size()))]);
    fault.clear_on();
  } else {
    fault.set_on(kVictims[static_cast<std::size_t>(random.below(victims))]);
  }
}

void repeat(model::Experiment& experiment, const model::FaultSpec& fault, RandomStream& random) {
  if (experiment.fault_size() >= kFaultsMax) return;
  model::FaultSpec copy = fault;
  copy.set_name(fmt::format("f{:x}", random.next() & 0xffffffU));
  move(copy, phase_of(experiment), random);
  *experiment.add_fault() = std::move(copy);
}

}  // namespace

void thin_out(model::Experiment& experiment, RandomStream& random) {
  const auto kept = static_cast<int>(random.below(static_cast<std::uint64_t>(std::max(1, experiment.fault_size()))));
  for (int i = experiment.fault_size() - 1; i >= 0; --i)
    if (i != kept && random.chance(0.5)) experiment.mutable_fault()->DeleteSubrange(i, 1);
}

void mutate(model::Experiment& experiment, RandomStream& random) {
  for (int i = experiment.check_size() - 1; i >= 0; --i)
    if (experiment.check(i).has_availability()) experiment.mutable_check()->DeleteSubrange(i, 1);
  if (experiment.fault_size() == 0) return;
  const Duration phase = phase_of(experiment);
  const auto changes = 1 + random.below(4);
  for (std::uint64_t i = 0; i < changes; ++i) {
    const int index = static_cast<int>(random.below(static_cast<std::uint64_t>(experiment.fault_size())));
    model::FaultSpec& fault = *experiment.mutable_fault(index);
    switch (random.below(5)) {
      case 0:
        move(fault, phase, random);
        break;
      case 1:
        stretch(fault, phase, random);
        break;
      case 2:
        send_elsewhere(fault, !experiment.target().has_quorum(), random);
        break;
      case 3:
        repeat(experiment, model::FaultSpec(fault), random);
        break;
      default:
        if (experiment.fault_size() > 1) experiment.mutable_fault()->DeleteSubrange(index, 1);
    }
  }
}

}  // namespace fracas::controller
