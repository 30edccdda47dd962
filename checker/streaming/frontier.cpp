#include "checker/streaming/frontier.h"

#include <algorithm>

#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

std::optional<Value> made_by(const StreamedCall& call) {
  if (call.kind == CallKind::write) return call.first;
  return call.kind == CallKind::cas ? std::optional(call.second) : std::nullopt;
}

std::optional<Value> seen_by(const StreamedCall& call) {
  return call.kind == CallKind::read || call.kind == CallKind::cas ? std::optional(call.first) : std::nullopt;
}

// How often each value is observed: a call of unknown outcome is of no more use than that.
class Needs {
 public:
  void add(const StreamedCall& call) {
    if (call.kind == CallKind::mismatch) ++mismatches_;
    if (const auto seen = seen_by(call)) ++observers_[*seen];
  }
  std::size_t of(Value value) const {
    const auto found = observers_.find(value);
    return mismatches_ + (found == observers_.end() ? 0 : found->second);
  }
  bool any() const { return mismatches_ > 0; }
  std::vector<Value> observed() const {
    std::vector<Value> values;
    for (const auto& [value, count] : observers_) values.push_back(value);
    return values;
  }

 private:
  std::unordered_map<Value, std::size_t> observers_;
  std::size_t mismatches_ = 0;
};

bool same_effect(const StreamedCall& one, const StreamedCall& other) {
  return one.kind == other.kind && one.first == other.first && one.second == other.second;
}

bool is_spent(const Timeline& timeline, const std::uint64_t* row, std::uint32_t call) {
  return timeline.slot[call] != kNone && has(row, timeline.slot[call]);
}

}  // namespace

Frontier::Frontier(Value initial) {
  places_.push_back({initial, 0, {}});
}

std::optional<Value> Frontier::held_before() const {
  for (const Place& place : places_)
    if (place.held != places_.front().held) return std::nullopt;
  return places_.empty() ? std::nullopt : std::optional(places_.front().held);
}

std::size_t Frontier::bytes() const {
  std::size_t bytes = carried_.capacity() * sizeof(StreamedCall) + calls_.capacity() * sizeof(StreamedCall) +
                      unknown_.size() * (sizeof(Spare) + 64) + values_.capacity() * sizeof(Value);
  for (const Place& place : places_) bytes += sizeof(Place) + place.spent.capacity() / 8;
  return bytes;
}

// Calls of unknown outcome come into play only in a stretch in which somebody observes what they bring about: before
// that, nothing is gained by them.
void Frontier::wake_unknown() {
  if (unknown_.empty()) return;
  Needs needs;
  for (const StreamedCall& call : carried_) needs.add(call);
  for (const StreamedCall& call : calls_) needs.add(call);
  std::unordered_map<Value, std::size_t> met_needs;
  for (bool more = true; more;) {
    more = false;
    std::vector<Value> wanted = needs.observed();
    if (needs.any())
      for (const auto& [value, calls] : unknown_) wanted.push_back(value);
    for (const Value value : wanted) {
      const auto found = unknown_.find(value);
      std::size_t& met = met_needs[value];
      if (found == unknown_.end() || needs.of(value) <= met) continue;
      const std::size_t woken = carried_.size();
      for (Spare& spare : found->second) take(spare, needs.of(value) - met);
      met = needs.of(value);
      for (std::size_t i = woken; i < carried_.size(); ++i) needs.add(carried_[i]);
      more = more || carried_.size() > woken;
      std::erase_if(found->second, [](const Spare& spare) { return spare.count == 0; });
      if (found->second.empty()) unknown_.erase(found);
    }
  }
}

void Frontier::take(Spare& spare, std::size_t needed) {
  for (; needed > 0 && spare.count > 0; --needed, --spare.count) {
    carried_.push_back(spare.call);
    first_steps_.push_back(0);
  }
}

// The stretch as a problem, with the states that the places hold.
Problem Frontier::number_values(std::vector<State>& held) {
  Problem problem;
  problem.calls.reserve(calls_.size());
  ValueNumbers states(calls_.size() + places_.size());
  for (const Place& place : places_) held.push_back(states.of(place.held));
  for (std::uint32_t i = 0; i < calls_.size(); ++i) {
    const StreamedCall& call = calls_[i];
    const State first = states.of(call.first);
    const State second = call.kind == CallKind::cas ? states.of(call.second) : 0;
    problem.calls.push_back({call.invoke_ns, call.return_ns, first, second, i, call.kind, call.required});
  }
  problem.states = states.count();
  values_.assign(problem.states, Value{});
  for (std::size_t i = 0; i < places_.size(); ++i) values_[held[i]] = places_[i].held;
  for (const Call& call : problem.calls) {
    values_[call.first] = calls_[call.operation].first;
    if (call.kind == CallKind::cas) values_[call.second] = calls_[call.operation].second;
  }
  return problem;
}

std::vector<Configuration> Frontier::starts(const Timeline& timeline, std::span<const State> held) const {
  std::vector<Configuration> starts;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Configuration start(2 + (timeline.slots + 63) / 64, 0);
    start[0] = std::uint64_t{ranks_} << 1U;
    set_state(start.data(), held[i]);
    set_write_step(start.data(), places_[i].write_step);
    for (std::size_t call = 0; call < places_[i].spent.size(); ++call)
      if (places_[i].spent[call]) set(start.data(), timeline.slot[call]);
    starts.push_back(std::move(start));
  }
  return starts;
}

Linearizable Frontier::advance(std::vector<StreamedCall> calls, std::int64_t until_ns,
                               std::uint64_t configurations_max) {
  calls_ = std::move(calls);
  wake_unknown();
  calls_.insert(calls_.begin(), carried_.begin(), carried_.end());
  std::vector<State> held;
  const Problem problem = number_values(held);
  Stretch stretch{first_steps_, ranks_, until_ns, std::vector<bool>(carried_.size(), false)};
  for (const Place& place : places_)
    for (std::size_t i = 0; i < place.spent.size(); ++i) stretch.spent[i] = stretch.spent[i] || place.spent[i];
  const Timeline timeline = build_timeline(problem, stretch);
  BreadthFirst search(problem, timeline, starts(timeline, held));
  const bool answered = timeline.returns() > ranks_;
  const Linearizable answer = answered ? search.advance(configurations_max) : Linearizable::yes;
  explored_ += search.explored();
  if (answer == Linearizable::no) refused_ = timeline.steps[search.furthest_step()].target;
  if (answer == Linearizable::yes) carry(timeline, search.layer(), until_ns);
  return answer;
}

void Frontier::put_back(const StreamedCall& call) {
  auto& spares = unknown_[*made_by(call)];
  for (Spare& spare : spares)
    if (same_effect(spare.call, call)) return void(++spare.count);
  spares.push_back({call, 1});
}

// What the next stretch begins with: calls that return there, and those of unknown outcome of which it is not the same
// in all configurations whether they took effect.
std::vector<std::uint32_t> Frontier::choose_kept(const Timeline& timeline, const ConfigurationSet& layer,
                                                 std::int64_t until_ns) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].required) {
      if (calls_[i].return_ns > until_ns) kept.push_back(i);
      continue;
    }
    std::uint32_t spent = 0;
    for (std::uint32_t row = 0; row < layer.size(); ++row) spent += is_spent(timeline, layer.row(row), i) ? 1U : 0U;
    if (spent == 0) put_back(calls_[i]);
    if (spent > 0 && spent < layer.size()) kept.push_back(i);
  }
  return kept;
}

void Frontier::carry(const Timeline& timeline, const ConfigurationSet& layer, std::int64_t until_ns) {
  const std::vector<std::uint32_t> kept = choose_kept(timeline, layer, until_ns);
  std::vector<std::uint32_t> steps;  // only their order counts: which of the calls a write may absorb
  for (const std::uint32_t i : kept) steps.push_back(timeline.first_step[i]);
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  const auto rank = [&](std::uint32_t step) {
    return static_cast<std::uint32_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
  };
  places_.clear();
  for (std::uint32_t row = 0; row < layer.size(); ++row) {
    const std::uint64_t* c = layer.row(row);
    Place place{values_[state_of(c)], rank(write_step(c)), {}};
    for (const std::uint32_t i : kept) place.spent.push_back(is_spent(timeline, c, i));
    places_.push_back(std::move(place));
  }
  carried_.clear();
  first_steps_.clear();
  for (const std::uint32_t i : kept) {
    first_steps_.push_back(rank(timeline.first_step[i]));
    carried_.push_back(std::move(calls_[i]));
  }
  ranks_ = static_cast<std::uint32_t>(steps.size());
  calls_.clear();
}

}  // namespace fracas::checker
