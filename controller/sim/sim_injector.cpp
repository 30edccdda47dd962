#include "controller/sim/sim_injector.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "lib/base/ensure.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(50);
// How often it is looked who leads, where faults wait for that.
constexpr Duration kFollowEvery = std::chrono::milliseconds(1);
constexpr const char* kService = "node";

}  // namespace

SimInjector::SimInjector(const model::Experiment& experiment, const Timeline& timeline, SimWorld& world,
                         Duration faults_begin)
    : experiment_(experiment),
      timeline_(timeline),
      world_(world),
      hits_(victims_max(experiment)),
      history_(model::node_names(model::host_counts(experiment))),
      read_(world.cluster().size()),
      follows_(follows_roles(experiment)) {
  if (follows_) look();
  for (const PlannedFault& fault : timeline.planned) {
    const Duration start = faults_begin + fault.start;
    world.scheduler().at(start, [this, &fault, start] {
      if (fault.awaited) return await(fault, start);
      begin(fault, start + fault.length);
    });
  }
}

// What a RoleWatch does in a real world.
void SimInjector::look() {
  for (Happening& change : history_.lead(world_.target().leader(), world_.now_ns())) happen(std::move(change));
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const auto& events = world_.cluster().node(i).events();
    for (; read_[i] < events.size(); ++read_[i])
      if (auto change = history_.follow(events[read_[i]])) happen(std::move(*change));
  }
  world_.scheduler().after(kFollowEvery, [this] { look(); });
}

Roles SimInjector::roles() const {
  return follows_ ? history_.roles() : Roles{.leader = world_.target().leader()};
}

void SimInjector::await(const PlannedFault& fault, Duration since) {
  const Awaited& awaited = *fault.awaited;
  const Duration now = world_.scheduler().now();
  if (auto happening = happenings_.first(awaited.event, SimWorld::kBeginNs + since.count())) {
    const Duration start = std::max(now, SimWorld::moment(happening->time_ns) + awaited.delay);
    triggers_[&fault] = std::move(*happening);
    return world_.scheduler().at(start, [this, &fault, start] { begin(fault, start + fault.length); });
  }
  if (now >= since + awaited.within)
    return skip(fault, "no " + model::to_text(awaited.event) + " within " + format_duration(awaited.within));
  world_.scheduler().after(kFollowEvery, [this, &fault, since] { await(fault, since); });
}

void SimInjector::publish(model::RunEventKind kind, const model::FaultWindow& window) {
  happen({.event = {.kind = kind, .fault = window.name}, .time_ns = world_.now_ns(), .detail = window.id});
}

model::FaultWindow SimInjector::window_of(const PlannedFault& fault) const {
  model::FaultWindow window{.id = fault.id,
                            .name = fault.name,
                            .kind = fault.kind,
                            .description = fault.description,
                            .start_ns = world_.now_ns(),
                            .end_ns = world_.now_ns(),
                            .effects = {}};
  if (const auto trigger = triggers_.find(&fault); trigger != triggers_.end()) {
    window.trigger = trigger->second.text();
    window.trigger_ns = trigger->second.time_ns;
  }
  return window;
}

void SimInjector::skip(const PlannedFault& fault, const std::string& why) {
  auto occurrence = std::make_unique<Occurrence>();
  occurrence->window = window_of(fault);
  occurrence->window.description += " (not injected: " + why + ")";
  occurrences_.push_back(std::move(occurrence));
}

// Waits until somebody has the roles, where that matters.
void SimInjector::begin(const PlannedFault& fault, Duration patience_end) {
  const Roles now = needs_roles(experiment_, fault) ? roles() : Roles{};
  const bool waits = !roles_known(experiment_, fault, now);
  if (const Duration next = world_.scheduler().now() + kLookEvery; waits && next < patience_end)
    return world_.scheduler().at(next, [this, &fault, patience_end] { begin(fault, patience_end); });
  auto resolved = resolve(experiment_, fault, timeline_.hosts, now, world_.addresses(), kService);
  if (!resolved) return skip(fault, resolved.error().message);
  if (counts_as_hit(fault.kind) && !hits_.add(resolved->victims))
    return skip(fault, "more hosts than safety.victims_max allows would be hit");
  run(fault, std::move(*resolved));
}

void SimInjector::run(const PlannedFault& fault, ResolvedFault resolved) {
  occurrences_.push_back(std::make_unique<Occurrence>());
  Occurrence& occurrence = *occurrences_.back();
  occurrence.window = window_of(fault);
  occurrence.window.description = resolved.description;
  occurrence.window.links = links_of(resolved, world_.addresses());
  occurrence.resolved = std::move(resolved);
  occurrence.kind = fault.kind;
  for (const std::string& host : occurrence.resolved.victims) {
    occurrence.window.effects.push_back({.host = host, .mechanism = "simulated", .counters = {}});
    const HostAddresses& addresses = world_.addresses().at(host);
    const auto index = world_.node_at(addresses.ipv4 + "/32");
    const model::Injection& injection = *occurrence.resolved.injections.at(host);
    // On a spare nothing runs that a fault could act on.
    occurrence.faults.push_back(index ? make_sim_fault({world_, *index, injection, ++next_id_}) : nullptr);
  }
  for (const auto& running : occurrence.faults)
    if (running) running->start();
  publish(model::RunEventKind::fault_started, occurrence.window);
  world_.scheduler().after(fault.length, [this, &occurrence] { end(occurrence); });
}

void SimInjector::end(Occurrence& occurrence) {
  if (occurrence.kind.empty()) return;
  for (std::size_t i = 0; i < occurrence.faults.size(); ++i) {
    if (!occurrence.faults[i]) continue;
    occurrence.faults[i]->stop();
    occurrence.window.effects[i].counters = occurrence.faults[i]->counters();
  }
  occurrence.window.end_ns = world_.now_ns();
  publish(model::RunEventKind::fault_ended, occurrence.window);
  if (counts_as_hit(occurrence.kind)) hits_.remove(occurrence.resolved.victims);
  occurrence.kind.clear();
}

void SimInjector::heal() {
  for (const auto& occurrence : occurrences_) end(*occurrence);
}

std::vector<model::FaultWindow> SimInjector::take_windows() {
  std::vector<model::FaultWindow> windows;
  for (const auto& occurrence : occurrences_) windows.push_back(std::move(occurrence->window));
  std::sort(windows.begin(), windows.end(),
            [](const auto& a, const auto& b) { return std::tie(a.start_ns, a.id) < std::tie(b.start_ns, b.id); });
  return windows;
}

}  // namespace fracas::controller
