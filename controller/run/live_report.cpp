#include "controller/run/live_report.h"

#include <algorithm>
#include <span>

#include "controller/world/waiting.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kEveryNs = 250'000'000;

// A line of a replay, and when it happened.
struct Moment {
  std::int64_t time_ns;
  std::string line;
};

void add_fault(const model::FaultWindow& window, std::int64_t origin_ns, std::vector<Moment>& moments) {
  const double start_ms = ms_between(origin_ns, window.start_ns);
  const double end_ms = ms_between(origin_ns, window.end_ns);
  if (window.effects.empty()) {
    moments.push_back({window.start_ns, live_fault(start_ms, window, FaultMoment::failed)});
    return;
  }
  const std::string become = victims_become(window.kind);
  model::FaultWindow armed = window;
  for (model::HostEffect& effect : armed.effects) {
    effect.counters = {};
    if (become.empty()) continue;
    moments.push_back({window.start_ns, live_node(start_ms, effect.host, become)});
    moments.push_back({window.end_ns, live_node(end_ms, effect.host, "up")});
  }
  moments.push_back({window.start_ns, live_fault(start_ms, armed, FaultMoment::armed)});
  moments.push_back({window.end_ns, live_fault(end_ms, window, FaultMoment::ended)});
}

void add_operations(const RunRecord& record, std::int64_t origin_ns, std::vector<Moment>& moments) {
  LiveOperations operations(origin_ns);
  const std::span<const model::Event> history(record.history);
  std::size_t first = 0;
  for (std::int64_t end_ns = origin_ns + kEveryNs; first < history.size(); end_ns += kEveryNs) {
    std::size_t last = first;
    while (last < history.size() && history[last].time_ns < end_ns) ++last;
    operations.follow(history.subspan(first, last - first));
    const std::int64_t told_ns = std::min(end_ns, record.phases.end_ns);  // nothing is told after the end
    moments.push_back({told_ns, operations.take_line(told_ns)});
    first = last;
  }
}

}  // namespace

double LiveReport::now_ms() const {
  const std::int64_t origin_ns = origin_ns_;
  return origin_ns == 0 ? 0 : ms_between(origin_ns, os::boot_now_ns());
}

void LiveReport::begin(const LiveBegin& begin, std::int64_t origin_ns) {
  origin_ns_ = origin_ns;
  stream_.say(live_begin(begin));
}

void LiveReport::phase(const std::string& name) {
  stream_.say(live_phase(now_ms(), name));
}

void LiveReport::fault(const model::FaultWindow& window, FaultMoment moment) {
  const double at_ms = now_ms();
  const std::string become = moment == FaultMoment::armed ? victims_become(window.kind) : "up";
  if (moment != FaultMoment::failed && !victims_become(window.kind).empty())
    for (const model::HostEffect& effect : window.effects) stream_.say(live_node(at_ms, effect.host, become));
  stream_.say(live_fault(at_ms, window, moment));
}

void LiveReport::note(const std::string& text) {
  stream_.say(live_log(now_ms(), text));
}

void LiveReport::verdict(const RunRecord& record) {
  stream_.say(live_verdict(now_ms(), record));
}

// Nodes without events of their own: the leader as clients are told of it, in no known term.
void LiveReport::tell_leader() {
  const std::string leader = leader_();
  if (leader == leader_told_) return;
  model::NodeEvent event;
  event.node = leader_told_;
  event.type = model::NodeEventType::role;
  if (!leader_told_.empty()) stream_.say(live_role(now_ms(), event));
  event.node = leader;
  event.role = model::Role::leader;
  if (!leader.empty()) stream_.say(live_role(now_ms(), event));
  leader_told_ = leader;
}

void LiveReport::look(const Recorder& recorder, RoleTail& roles, LiveOperations& operations) {
  const std::int64_t origin_ns = origin_ns_;
  for (const model::NodeEvent& event : roles.take()) {
    nodes_tell_ = true;
    stream_.say(live_role(ms_between(origin_ns, event.time_ns), event));
  }
  if (!nodes_tell_) tell_leader();
  operations.follow(recorder.copy_from(operations.events()));
  stream_.say(operations.take_line(os::boot_now_ns()));
}

void LiveReport::watch(const Recorder& recorder, const std::filesystem::path& directory,
                       std::function<std::string()> leader) {
  leader_ = std::move(leader);
  thread_ = std::jthread([this, &recorder, directory](const std::stop_token& stopping) {
    RoleTail roles(directory);
    LiveOperations operations(origin_ns_);
    std::int64_t next_ns = os::boot_now_ns();
    bool goes_on = true;
    while (goes_on) {
      next_ns = std::max(next_ns + kEveryNs, os::boot_now_ns());
      goes_on = sleep_until(next_ns, stopping);
      look(recorder, roles, operations);  // also once at the end, so that nothing is missing
    }
  });
}

void LiveReport::unwatch() {
  thread_ = {};
}

void replay_live(const RunRecord& record, const LiveBegin& begin, LiveStream& stream) {
  const std::int64_t origin_ns = record.phases.warmup_ns;
  const auto at_ms = [&](std::int64_t time_ns) { return ms_between(origin_ns, time_ns); };
  std::vector<Moment> moments{{origin_ns, live_phase(0, "warm-up")},
                              {record.phases.faults_ns, live_phase(at_ms(record.phases.faults_ns), "faults")},
                              {record.phases.recover_ns, live_phase(at_ms(record.phases.recover_ns), "recovery")}};
  for (const model::FaultWindow& window : record.faults) add_fault(window, origin_ns, moments);
  for (const model::NodeEvent& event : record.node_events)
    if (event.type == model::NodeEventType::role)
      moments.push_back({event.time_ns, live_role(at_ms(event.time_ns), event)});
  add_operations(record, origin_ns, moments);
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& a, const Moment& b) { return a.time_ns < b.time_ns; });
  stream.say(live_begin(begin));
  for (Moment& moment : moments) stream.say(std::move(moment.line));
  stream.say(live_verdict(at_ms(record.phases.end_ns), record));
}

}  // namespace fracas::controller
