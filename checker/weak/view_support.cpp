#include <algorithm>
#include <deque>

#include "checker/weak/view.h"

namespace fracas::checker::weak {
namespace {

constexpr int kPathsMax = 2'000;  // in one proof; beyond, it is told without what the rest follows from

}  // namespace

// What a link followed from: `first` came before `last` by links that were known before `round`.
struct View::Ground {
  std::uint32_t first = 0, last = 0, round = 0;
};

void View::add_ground(const Link& link, std::uint32_t round, std::vector<Ground>& grounds,
                      std::vector<bool>& support) const {
  if (link.reader == kNone) return;
  const std::uint32_t seen = memory_.all[link.reader].from;
  support[link.reader] = true;
  if (seen != kNone) support[seen] = true;
  if (link.why == Why::overwritten) grounds.push_back({link.from, link.reader, round});
  if (link.why == Why::replaced && seen != kNone) grounds.push_back({seen, link.to, round});
}

// When the link was found; no link has been found later than what follows from it.
std::uint32_t View::round_of(const Link& link) const {
  for (const Inferred& known : inferred_[link.to])
    if (known.from == link.from && known.why == link.why) return known.round;
  return 0;
}

// The shortest chain of links for a ground, the last link first.
std::vector<View::Step> View::path_of(const Ground& ground) const {
  std::vector<Step> reached(memory_.all.size(), Step{kNone, 0});  // by access: the link that leads on from it
  std::deque<std::uint32_t> queue{ground.last};
  while (!queue.empty() && reached[ground.first].to == kNone) {
    const std::uint32_t at = queue.front();
    queue.pop_front();
    Link link;
    for (std::uint32_t n = 0; link_to(at, n, link); ++n) {
      if (link.from == kNone || reached[link.from].to != kNone || round_of(at, n) >= ground.round) continue;
      reached[link.from] = {at, n};
      queue.push_back(link.from);
    }
  }
  std::vector<Step> path;
  if (reached[ground.first].to == kNone) return path;
  for (std::uint32_t at = ground.first; at != ground.last; at = reached[at].to) path.push_back(reached[at]);
  return path;
}

std::vector<std::uint32_t> View::support() const {
  std::vector<bool> support(memory_.all.size());
  std::vector<Ground> grounds;
  for (const Link& link : circle_) {
    support[link.from] = support[link.to] = true;
    add_ground(link, round_of(link), grounds, support);
  }
  for (int paths = 0; !grounds.empty() && paths < kPathsMax; ++paths) {
    const Ground ground = grounds.back();
    grounds.pop_back();
    for (const Step& step : path_of(ground)) {
      Link link;
      link_to(step.to, step.link, link);
      const bool known = support[link.from] && support[link.to] && (link.reader == kNone || support[link.reader]);
      support[link.from] = support[link.to] = true;
      if (!known) add_ground(link, round_of(step.to, step.link), grounds, support);
    }
  }
  std::vector<std::uint32_t> accesses;
  for (std::uint32_t i = 0; i < support.size(); ++i)
    if (support[i]) accesses.push_back(i);
  return accesses;
}

}  // namespace fracas::checker::weak
