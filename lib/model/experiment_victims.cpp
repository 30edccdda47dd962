#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/proto_time.h"

namespace fracas::model {
namespace {

class Victims {
 public:
  Victims(const Experiment& experiment, const Places& places, Mistakes& mistakes)
      : experiment_(experiment), hosts_(host_counts(experiment)), places_(places), mistakes_(mistakes) {}

  bool check() {
    for (index_ = 0; index_ < experiment_.fault_size(); ++index_) {
      const FaultSpec& fault = experiment_.fault(index_);
      if (fault.has_net_partition()) {
        partition(fault);
      } else {
        const auto victims = selection("on", fault.on());
        if (victims && !fault.has_net_loss()) victims_max(*victims);
      }
      if (const std::string* peers = peers_of(fault)) selection("to", *peers);
    }
    return right_;
  }

 private:
  void wrong(std::string_view key, const std::string& what) {
    right_ = false;
    mistakes_.add(places_.find(fmt::format("fault[{}].{}", index_, key)), what);
  }

  std::optional<Selection> selection(std::string_view key, const std::string& text) {
    auto parsed = parse_selection(text, hosts_);
    if (!parsed) {
      wrong(key, parsed.error().message);
      return std::nullopt;
    }
    const Status fits = check_selection(*parsed, hosts_);
    if (!fits) {
      wrong(key, fits.error().message);
      return std::nullopt;
    }
    if (parsed->needs_progress() && !experiment_.target().has_raft()) {
      wrong(key, fmt::format("\"{}\" needs target raft, whose nodes say how far they are; {} does not", text,
                             kind_of(experiment_.target())));
      return std::nullopt;
    }
    if ((parsed->needs_leader() || parsed->needs_old_leader()) && !has_leader(experiment_.target())) {
      wrong(key,
            fmt::format("\"{}\" needs a target that has a leader; {} has none", text, kind_of(experiment_.target())));
      return std::nullopt;
    }
    return *std::move(parsed);
  }

  void victims_max(const Selection& victims) {
    const double most = experiment_.safety().victims_max() * hosts_.nodes + 1e-9;
    const std::uint32_t hit = hit_at_least(victims, hosts_);
    if (hit > most)
      wrong("on", fmt::format("this hits {} of {} nodes; safety.victims_max allows {:g}%", hit, hosts_.nodes,
                              experiment_.safety().victims_max() * 100));
  }

  // A shape that draws its groups from fewer nodes than that cuts nothing, or cannot be drawn.
  void nodes_at_least(std::uint32_t nodes, std::string_view shape) {
    if (hosts_.nodes < nodes)
      wrong("shape", fmt::format("shape {} needs {} nodes, and there are {}", shape, nodes, hosts_.nodes));
  }

  void partition(const FaultSpec& fault) {
    const NetPartition& cut = fault.net_partition();
    const bool takes_groups = cut.shape() == NetPartition::SHAPE_GROUPS;
    if (!takes_groups && cut.groups_size() > 0) wrong("groups", "only shape groups takes groups");
    const bool needs_on = cut.shape() == NetPartition::SHAPE_ISOLATE || cut.shape() == NetPartition::SHAPE_ONE_WAY;
    const bool may_have_on = needs_on || cut.shape() == NetPartition::SHAPE_MAJORITY_MINORITY;
    if (needs_on && fault.on().empty()) wrong("shape", "this shape needs on: which hosts are cut off");
    if (!may_have_on && !fault.on().empty()) wrong("on", "this shape chooses its hosts itself; it takes no on");
    if (may_have_on && !fault.on().empty()) cut_off(fault);
    switch (cut.shape()) {
      case NetPartition::SHAPE_GROUPS:
        return groups(cut);
      case NetPartition::SHAPE_MAJORITY_MINORITY:
        return nodes_at_least(3, "majority-minority");
      case NetPartition::SHAPE_MAJORITIES_RING:
        return nodes_at_least(4, "majorities-ring");
      case NetPartition::SHAPE_BRIDGE:
        return nodes_at_least(3, "bridge");
      default:
        return nodes_at_least(2, "halves");
    }
  }

  void cut_off(const FaultSpec& fault) {
    const auto victims = selection("on", fault.on());
    if (!victims) return;
    const std::uint32_t minority = selected_count(SelectMinority{}, hosts_);
    if (fault.net_partition().shape() == NetPartition::SHAPE_MAJORITY_MINORITY &&
        hit_at_least(*victims, hosts_) > minority)
      wrong("on", fmt::format("these hosts are no minority: at most {} of {} nodes", minority, hosts_.nodes));
  }

  void groups(const NetPartition& cut) {
    if (cut.groups_size() < 2) return wrong("groups", "shape groups needs groups: at least two lists of host names");
    std::map<std::string, int> seen;
    for (int i = 0; i < cut.groups_size(); ++i) {
      const std::string path = fmt::format("groups[{}]", i);
      if (cut.groups(i).hosts_size() == 0) wrong(path, "a group is empty");
      for (int j = 0; j < cut.groups(i).hosts_size(); ++j) {
        const std::string& host = cut.groups(i).hosts(j);
        const std::string element = fmt::format("{}[{}]", path, j);
        const Status known = check_selection(Selection{.parts = {SelectName{.host = host}}}, hosts_);
        if (!known) wrong(element, known.error().message);
        if (!seen.emplace(host, i).second)
          wrong(element, fmt::format("host {} is in two groups, or twice in one", host));
      }
    }
  }

  const Experiment& experiment_;
  const HostCounts hosts_;
  const Places& places_;
  Mistakes& mistakes_;
  int index_ = 0;
  bool right_ = true;
};

// From the first start to the end of the last occurrence, which with `every` is the end of the phase.
struct Span {
  Duration start;
  Duration end;
};

std::vector<Span> spans(const Experiment& experiment) {
  const std::vector<FirstWindow> windows = first_windows(experiment);
  std::vector<Span> result;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const FaultSpec& fault = experiment.fault(static_cast<int>(i));
    const bool repeats = fault.has_every() || fault.has_when();
    result.push_back(
        Span{.start = windows[i].start,
             .end = repeats ? from_proto(experiment.phases().faults()) : windows[i].start + windows[i].length});
  }
  return result;
}

bool share_hosts(const FaultSpec& left, const FaultSpec& right, const HostCounts& hosts) {
  const auto lefts = certain_hosts(*parse_selection(left.on(), hosts), hosts);
  const auto rights = certain_hosts(*parse_selection(right.on(), hosts), hosts);
  if (!lefts || !rights) return false;
  return std::any_of(lefts->begin(), lefts->end(), [&](const std::string& host) { return rights->contains(host); });
}

}  // namespace

HostCounts host_counts(const Experiment& experiment) {
  const World& world = experiment.world();
  if (world.kind() != WORLD_KIND_FLEET) return HostCounts{.nodes = world.nodes(), .spares = world.spares()};
  HostCounts fleet{.nodes = static_cast<std::uint32_t>(world.host_size()), .spares = 0, .named = {}};
  for (const FleetHost& host : world.host())
    fleet.named.push_back({.name = host.name(), .labels = {host.labels().begin(), host.labels().end()}});
  return fleet;
}

bool check_victims(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  return Victims(experiment, places, mistakes).check();
}

void check_conflicts(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const std::vector<Span> active = spans(experiment);
  for (int i = 0; i < experiment.fault_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      const FaultSpec& later = experiment.fault(i);
      const FaultSpec& earlier = experiment.fault(j);
      const bool pair = (later.has_process_kill() && earlier.has_process_pause()) ||
                        (later.has_process_pause() && earlier.has_process_kill());
      const Span& left = active[static_cast<std::size_t>(i)];
      const Span& right = active[static_cast<std::size_t>(j)];
      const bool overlap = left.start < right.end && right.start < left.end;
      if (!pair || !overlap || !share_hosts(later, earlier, host_counts(experiment))) continue;
      mistakes.add(places.find(fmt::format("fault[{}]", i)),
                   fmt::format("fault \"{}\" and \"{}\" kill and pause the same hosts at the same time", later.name(),
                               earlier.name()));
    }
  }
}

}  // namespace fracas::model
