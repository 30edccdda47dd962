#include "agent/faults/net_detours.h"

#include <algorithm>
#include <atomic>

#include "lib/base/log.h"

namespace fracas::agent {
namespace {

template <typename T, typename Value>
void publish(T& shared, Value value) {
  std::atomic_ref<T>(shared).store(static_cast<T>(value), std::memory_order_release);
}

}  // namespace

bool NetDetours::try_netem(unsigned rule, const LineRule& how) {
  if (how.jitter > Duration::zero()) return false;
  if (!has_netem_) has_netem_ = NetemDetour::probe().has_value();
  if (!*has_netem_) return false;
  auto detour = NetemDetour::open(program_, netns_, how.delay, allow_tcx_);
  if (!detour) {
    log::warning("{}; the delay line takes the packets", detour.error().message);
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

Status NetDetours::add(unsigned rule, const LineRule& how) {
  if (try_netem(rule, how)) return {};
  if (!line_) {
    auto opened = DelayLine::open(netns_, {.keep_alive = [this](std::int64_t alive_end_ns) {
                                    publish(program_.config().line_alive_end_ns, alive_end_ns);
                                  }});
    if (!opened) return failure(std::move(opened).error());
    line_ = std::move(*opened);
  }
  line_->add(rule, how);
  on_line_[rule] = true;
  publish(program_.rule(rule).detour_ifindex, line_->ifindex());
  publish(program_.rule(rule).detour, FRACAS_DETOUR_LINE);
  return {};
}

std::string_view NetDetours::mechanism(unsigned rule) const {
  if (netem_[rule]) return "netem";
  return on_line_[rule] ? "tap-line" : "";
}

model::EffectCounters NetDetours::add_counts(unsigned rule, model::EffectCounters sum) const {
  if (!on_line_[rule]) return sum;  // netem's packets are counted by the classifier when they come back
  const model::EffectCounters held = line_->counts(rule);
  sum.affected += held.affected;
  sum.bytes += held.bytes;
  if (held.affected == 0) return sum;
  sum.first_ns = sum.first_ns == 0 ? held.first_ns : std::min(sum.first_ns, held.first_ns);
  sum.last_ns = std::max(sum.last_ns, held.last_ns);
  return sum;
}

Status NetDetours::drain(unsigned rule) {
  if (netem_[rule]) netem_[rule]->drain();
  if (!on_line_[rule]) return {};
  if (auto drained = line_->drain(rule); !drained) return drained;
  if (const auto lost = line_->dropped(rule); lost > 0)
    log::warning("net.delay: {} packets were lost in the delay line: too many held, or their interface went down",
                 lost);
  return {};
}

void NetDetours::remove(unsigned rule) {
  publish(program_.rule(rule).detour, FRACAS_DETOUR_NONE);
  netem_[rule].reset();
  on_line_[rule] = false;
  if (std::none_of(netem_.begin(), netem_.end(), [](const auto& one) { return one != nullptr; })) heartbeat_.reset();
  if (std::none_of(on_line_.begin(), on_line_.end(), [](bool one) { return one; })) line_.reset();
}

void NetDetours::clear() {
  for (unsigned rule = 0; rule < FRACAS_NET_RULES; ++rule) remove(rule);
}

}  // namespace fracas::agent
