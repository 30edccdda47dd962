#include "agent/faults/net_detours.h"

#include <algorithm>

#include "agent/bpf/publish.h"
#include "agent/line/netem_lateness.h"
#include "lib/base/log.h"

namespace fracas::agent {
namespace {

// Below it a large segment would leave in one piece after a pause that can be felt.
constexpr std::uint64_t kWholeSegmentRate = 125'000'000;

}  // namespace

bool NetDetours::try_netem(unsigned rule, const LineRule& how) {
  if (how.jitter > Duration::zero() || how.reorder || how.corrupt || how.rate_bytes > 0) return false;
  if (!netem_lateness_) netem_lateness_ = least_netem_lateness();
  if (!*netem_lateness_) return false;
  const Duration asked = std::max(how.delay - **netem_lateness_, Duration::zero());
  auto detour = NetemDetour::open(program_, netns_, asked, allow_tcx_);
  if (!detour) {
    log::warning("{}", detour.error().message);
    return false;
  }
  netem_[rule] = std::move(*detour);
  if (!heartbeat_)
    heartbeat_ = std::make_unique<Heartbeat>(
        [this](std::int64_t alive_end_ns) { publish(program_.config().veth_alive_end_ns, alive_end_ns); });
  publish(program_.rule(rule).detour_ifindex, netem_[rule]->ifindex());
  publish(program_.rule(rule).detour, FRACAS_DETOUR_VETH);
  return true;
}

Status NetDetours::open(Line& line) {
  if (line.line) return {};
  const bool as_on_wire = line.detour == FRACAS_DETOUR_FRAMES;
  auto& alive = as_on_wire ? program_.config().frames_alive_end_ns : program_.config().line_alive_end_ns;
  auto opened = DelayLine::open(
      netns_,
      {.keep_alive = [&alive](std::int64_t alive_end_ns) { publish(alive, alive_end_ns); }, .as_on_wire = as_on_wire});
  if (!opened) return failure(std::move(opened).error());
  line.line = std::move(*opened);
  return {};
}

Status NetDetours::add(unsigned rule, const LineRule& how) {
  const bool as_on_wire = how.corrupt || (how.rate_bytes > 0 && how.rate_bytes < kWholeSegmentRate);
  Line& line = lines_[as_on_wire ? 1 : 0];
  if (auto opened = open(line); !opened) return try_netem(rule, how) ? Status() : opened;
  line.line->add(rule, how);
  line.rules[rule] = true;
  publish(program_.rule(rule).detour_ifindex, line.line->ifindex());
  publish(program_.rule(rule).detour, line.detour);
  return {};
}

const NetDetours::Line* NetDetours::line_of(unsigned rule) const {
  const auto found = std::find_if(lines_.begin(), lines_.end(), [rule](const Line& line) { return line.rules[rule]; });
  return found == lines_.end() ? nullptr : &*found;
}

std::string_view NetDetours::mechanism(unsigned rule) const {
  if (netem_[rule]) return "netem";
  return line_of(rule) != nullptr ? "tap-line" : "";
}

model::EffectCounters NetDetours::add_counts(unsigned rule, model::EffectCounters sum) const {
  const Line* line = line_of(rule);
  if (line == nullptr) return sum;  // netem's packets are counted by the classifier when they come back
  const model::EffectCounters held = line->line->counts(rule);
  sum.affected += held.affected;
  sum.bytes += held.bytes;
  if (held.affected == 0) return sum;
  sum.first_ns = sum.first_ns == 0 ? held.first_ns : std::min(sum.first_ns, held.first_ns);
  sum.last_ns = std::max(sum.last_ns, held.last_ns);
  return sum;
}

Status NetDetours::drain(unsigned rule) {
  if (netem_[rule]) netem_[rule]->drain();
  const Line* line = line_of(rule);
  if (line == nullptr) return {};
  if (auto drained = line->line->drain(rule); !drained) return drained;
  if (const auto lost = line->line->dropped(rule); lost > 0)
    log::warning("{} packets were lost in the delay line: too many held, or their interface went down", lost);
  return {};
}

void NetDetours::remove(unsigned rule) {
  publish(program_.rule(rule).detour, FRACAS_DETOUR_NONE);
  netem_[rule].reset();
  if (std::none_of(netem_.begin(), netem_.end(), [](const auto& one) { return one != nullptr; })) heartbeat_.reset();
  for (Line& line : lines_) {
    line.rules[rule] = false;
    if (std::none_of(line.rules.begin(), line.rules.end(), [](bool one) { return one; })) line.line.reset();
  }
}

void NetDetours::clear() {
  for (unsigned rule = 0; rule < FRACAS_NET_RULES; ++rule) remove(rule);
}

}  // namespace fracas::agent
