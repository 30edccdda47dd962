#include "controller/plan/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/plan/resolve.h"
#include "controller/plan/victims.h"
#include "controller/plan/victims_bound.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

// The gap to the next start, at least a millisecond.
Duration draw_gap(const model::Recurrence& every, RandomStream& random) {
  double mean_ns = 0;
  double factor = 1;
  switch (every.gap_case()) {
    case model::Recurrence::kUniform:
      mean_ns = static_cast<double>(model::from_proto(every.uniform()).count());
      factor = 0.5 + random.unit();
      break;
    case model::Recurrence::kPoisson:
      mean_ns = static_cast<double>(model::from_proto(every.poisson()).count());
      factor = random.exponential(1);
      break;
    default:
      mean_ns = static_cast<double>(model::from_proto(every.fixed()).count());
  }
  return std::max<Duration>(Duration(static_cast<std::int64_t>(mean_ns * factor)), std::chrono::milliseconds(1));
}

// When the occurrences of one fault start and how long they last. They never overlap: one that is drawn to start while
// the one before is still active starts at its end.
std::vector<model::FirstWindow> occurrences(const model::FaultSpec& spec, model::FirstWindow first, Duration phase,
                                            RandomStream random) {
  std::vector<model::FirstWindow> windows;
  first.length = std::min(first.length, phase - first.start);
  if (first.length <= Duration::zero()) return windows;
  windows.push_back(first);
  while (spec.has_every() && windows.size() <= kOccurrencesMax) {
    const model::FirstWindow& last = windows.back();
    const Duration start = std::max(last.start + draw_gap(spec.every(), random), last.start + last.length);
    if (start + first.length > phase) break;  // it would be cut short
    windows.push_back({start, first.length});
  }
  return windows;
}

// A piece of an occurrence's window: a step of a ramp, a pulse, or all of it.
struct Piece {
  Duration offset{};
  Duration length{};
  std::optional<std::uint32_t> ramp_step{};
};

std::vector<Piece> pieces_of(const model::FaultSpec& spec, Duration length) {
  std::vector<Piece> pieces;
  if (spec.has_ramp()) {
    const std::uint32_t steps = spec.ramp().steps();
    for (std::uint32_t i = 0; i < steps; ++i)
      pieces.push_back({length * i / steps, length * (i + 1) / steps - length * i / steps, i});
  } else if (spec.has_pulse()) {
    const Duration on = model::from_proto(spec.pulse().on());
    const Duration period = on + model::from_proto(spec.pulse().off());
    for (Duration at{}; at < length && pieces.size() <= kOccurrencesMax; at += period)
      pieces.push_back({at, std::min(on, length - at)});
  } else {
    pieces.push_back({Duration{}, length});
  }
  return pieces;
}

std::optional<Awaited> awaited_by(const model::FaultSpec& spec, Duration phase, Duration offset) {
  if (!spec.has_when()) return std::nullopt;
  const Duration delay = model::from_proto(spec.when().delay());
  const Duration rest = phase - model::from_proto(spec.at()) - delay - model::from_proto(spec.for_());
  const auto event = model::parse_run_event(spec.when().event());
  ensure(event.has_value(), "the reader checked the event");
  return Awaited{.event = *event,
                 .within = spec.when().has_within() ? model::from_proto(spec.when().within()) : rest,
                 .delay = delay + offset};
}

// Addresses that stand for the hosts where only names matter.
std::map<std::string, HostAddresses> placeholder_addresses(const std::vector<std::string>& hosts) {
  std::map<std::string, HostAddresses> addresses;
  for (const std::string& host : hosts) addresses[host] = {"192.0.2.1", "2001:db8::1"};
  return addresses;
}

// Draws the victims where that needs no running target, and proves that the fault can be resolved.
Status settle(const model::Experiment& experiment, const std::vector<std::string>& hosts, PlannedFault& planned) {
  if (needs_roles(experiment, planned)) {
    // Any node may have the role: try one, so that an impossible shape is found now.
    const std::size_t nodes = model::node_names(model::host_counts(experiment)).size();
    const Roles anyone{.leader = hosts[0], .old_leader = hosts[1 % nodes], .most_lagging = hosts[2 % nodes]};
    auto trial = resolve(experiment, planned, hosts, anyone, placeholder_addresses(hosts), "target");
    if (!trial) return failure(std::move(trial).error());
    planned.description = fmt::format("on {}", experiment.fault(static_cast<int>(planned.spec)).on());
    return {};
  }
  auto resolved = resolve(experiment, planned, hosts, {}, placeholder_addresses(hosts), "target");
  if (!resolved) return failure(std::move(resolved).error());
  planned.victims = resolved->victims;
  planned.description = resolved->description;
  return {};
}

// Whose numbers an occurrence draws. One that was written out as a fault of its own, "kill.3" (see
// with_explicit_faults), goes on drawing those of "kill#3".
std::string drawn_as(const model::FaultSpec& spec, const std::string& id) {
  const std::string& name = spec.name();
  const std::size_t digits = name.find_last_not_of("0123456789") + 1;
  const bool written_out = !spec.has_every() && digits > 1 && digits < name.size() && name[digits - 1] == '.';
  return written_out ? name.substr(0, digits - 1) + '#' + name.substr(digits) : id;
}

// Adds the pieces of one occurrence.
Status add_occurrence(const model::Experiment& experiment, Timeline& timeline, PlannedFault occurrence) {
  const model::FaultSpec& spec = experiment.fault(static_cast<int>(occurrence.spec));
  // All pieces have the same victims.
  occurrence.seed = RandomStream(timeline.seed, "fault/" + drawn_as(spec, occurrence.id)).next();
  const std::vector<Piece> pieces = pieces_of(spec, occurrence.length);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    PlannedFault planned = occurrence;
    if (pieces.size() > 1) planned.id += fmt::format(".{}", i + 1);
    planned.awaited = awaited_by(spec, timeline.faults, pieces[i].offset);
    if (!planned.awaited) planned.start += pieces[i].offset;
    planned.length = pieces[i].length;
    planned.ramp_step = pieces[i].ramp_step;
    if (auto settled = settle(experiment, timeline.hosts, planned); !settled) return settled;
    timeline.planned.push_back(std::move(planned));
    if (timeline.planned.size() > kOccurrencesMax)
      return failure(fmt::format("more than {} fault windows in one run", kOccurrencesMax));
  }
  return {};
}

}  // namespace

std::string PlannedFault::awaited_text() const {
  if (!awaited) return {};
  const std::string event = model::to_text(awaited->event);
  return awaited->delay > Duration{} ? fmt::format("{} after {}", format_duration(awaited->delay), event)
                                     : "at " + event;
}

Result<Timeline> plan(const model::ExperimentFile& file, std::uint64_t seed) {
  const model::Experiment& experiment = file.experiment();
  Timeline timeline;
  timeline.seed = seed;
  timeline.warmup = model::from_proto(experiment.phases().warmup());
  timeline.faults = model::from_proto(experiment.phases().faults());
  timeline.recover = model::from_proto(experiment.phases().recover());
  timeline.hosts = model::node_names(model::host_counts(experiment));
  for (std::uint32_t i = 1; i <= experiment.world().spares(); ++i) timeline.hosts.push_back(fmt::format("x{}", i));

  const auto first = model::first_windows(experiment);
  for (std::size_t spec = 0; spec < first.size(); ++spec) {
    const model::FaultSpec& fault = experiment.fault(static_cast<int>(spec));
    const auto windows = occurrences(fault, first[spec], timeline.faults, RandomStream(seed, "every/" + fault.name()));
    for (std::size_t i = 0; i < windows.size(); ++i) {
      auto added = add_occurrence(experiment, timeline,
                                  {.id = fmt::format("{}#{}", fault.name(), i + 1),
                                   .name = fault.name(),
                                   .kind = model::kind_of(fault),
                                   .spec = spec,
                                   .start = windows[i].start,
                                   .length = windows[i].length,
                                   .seed = 0,
                                   .victims = {},
                                   .description = {}});
      if (!added) return failure(fmt::format("{}: {}", file.where(spec), added.error().message));
    }
  }
  std::stable_sort(timeline.planned.begin(), timeline.planned.end(),
                   [](const PlannedFault& a, const PlannedFault& b) { return a.start < b.start; });
  if (const auto above = first_above(timeline.planned, victims_max(experiment))) {
    const PlannedFault& fault = timeline.planned[*above];
    return failure(fmt::format("{}: {} hits, with what is active then, more hosts than safety.victims_max allows",
                               file.where(fault.spec), fault.id));
  }
  return timeline;
}

}  // namespace fracas::controller
