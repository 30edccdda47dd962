#include "controller/hunt/coverage.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

namespace fracas::controller {
namespace {

// How the cluster stands after a number of events.
class Standing {
 public:
  void learn(const model::NodeEvent& event) {
    term_ = std::max(term_, event.term);
    switch (event.type) {
      case model::NodeEventType::start:
        roles_[event.node] = model::Role::follower;
        recovering_ = event.time_ns;
        break;
      case model::NodeEventType::role:
        roles_[event.node] = event.role;
        if (event.role == model::Role::leader) leader_term_ = std::max(leader_term_, event.term);
        break;
      case model::NodeEventType::truncate:
        truncated_ = event.time_ns;
        break;
      case model::NodeEventType::snapshot:
        snapshot_ = event.time_ns;
        break;
      default:
        break;
    }
  }

  std::string_view role(const std::string& node) const {
    const auto found = roles_.find(node);
    return found == roles_.end() ? "none" : model::name(found->second);
  }

  // What went on around that moment; the rarer first.
  std::string_view doing(std::int64_t now_ns) const {
    constexpr std::int64_t kRecent = 100'000'000;
    const auto recent = [now_ns](std::int64_t then_ns) { return then_ns != 0 && now_ns - then_ns < kRecent; };
    if (recent(truncated_)) return "truncating";
    if (recent(snapshot_)) return "snapshotting";
    if (leader_term_ < term_) return "electing";
    if (recent(recovering_)) return "recovering";
    return "steady";
  }

 private:
  std::map<std::string, model::Role> roles_;
  std::uint64_t term_ = 0;
  std::uint64_t leader_term_ = 0;
  std::int64_t recovering_ = 0;
  std::int64_t truncated_ = 0;
  std::int64_t snapshot_ = 0;
};

bool meet(const model::FaultWindow& a, const model::FaultWindow& b) {
  return std::ranges::any_of(a.effects, [&b](const model::HostEffect& one) {
    return one.counters.affected > 0 && std::ranges::any_of(b.effects, [&one](const model::HostEffect& other) {
             return other.host == one.host && other.counters.affected > 0;
           });
  });
}

// Which kinds of faults acted on one host at the same time.
void add_meetings(const std::vector<const model::FaultWindow*>& by_start, Coverage& coverage) {
  for (auto first = by_start.begin(); first != by_start.end(); ++first) {
    for (auto second = std::next(first); second != by_start.end(); ++second) {
      if ((*second)->start_ns >= (*first)->end_ns) break;
      if (!meet(**first, **second)) continue;
      const auto [a, b] = std::minmax((*first)->kind, (*second)->kind);
      coverage.insert(a + '+' + b);
    }
  }
}

}  // namespace

Coverage coverage_of(std::span<const model::FaultWindow> faults, std::span<const model::NodeEvent> events) {
  std::vector<const model::FaultWindow*> by_start;
  for (const model::FaultWindow& fault : faults) by_start.push_back(&fault);
  std::stable_sort(by_start.begin(), by_start.end(), [](auto* a, auto* b) { return a->start_ns < b->start_ns; });
  Coverage coverage;
  add_meetings(by_start, coverage);
  Standing standing;
  auto next = events.begin();
  for (const model::FaultWindow* fault : by_start) {
    for (; next != events.end() && next->time_ns <= fault->start_ns; ++next) standing.learn(*next);
    for (const model::HostEffect& effect : fault->effects) {
      if (effect.counters.affected == 0) continue;
      std::string point = fault->kind;
      point += '/';
      point += standing.role(effect.host);
      point += '/';
      point += standing.doing(fault->start_ns);
      coverage.insert(std::move(point));
    }
  }
  return coverage;
}

}  // namespace fracas::controller
