#include "controller/workload/keyed_calls.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace fracas::controller {
namespace {

using model::Function;

constexpr int kCounterReads = 5;

std::string text_of(std::uint32_t key) {
  return fmt::format("k{}", key);
}

// A queue is drained once, at the end: until then it is the same one. Counters are cheap to check, however long.
std::uint32_t operations_max(const GeneratorOptions& options) {
  return options.kind == WorkloadKind::queue || options.kind == WorkloadKind::counter
             ? std::numeric_limits<std::uint32_t>::max()
             : options.ops_per_key_max;
}

}  // namespace

KeyedCalls::KeyedCalls(const GeneratorOptions& options, std::uint64_t seed)
    : options_(options), random_(seed, "workload/calls"), keys_(options.keys, operations_max(options)) {}

Call KeyedCalls::next() {
  if (options_.kind == WorkloadKind::unique_ids) return {.function = Function::generate, .key = {}, .value = {}};
  if (options_.kind == WorkloadKind::echo) return {.function = Function::echo, .key = {}, .value = ++echoed_};
  ActiveKeys::Key& key = keys_.use(static_cast<std::size_t>(random_.below(keys_.size())));
  std::string name = text_of(key.number);
  if (!random_.chance(options_.reads)) return change(std::move(name), key.last_value);
  if (options_.kind == WorkloadKind::log) return poll(std::move(name), key.last_value);
  return {.function = options_.kind == WorkloadKind::queue ? Function::dequeue : Function::read,
          .key = std::move(name),
          .value = {}};
}

Call KeyedCalls::change(std::string key, std::int64_t& last_value) {
  switch (options_.kind) {
    case WorkloadKind::cas_register:
      return change_cas_register(std::move(key));
    case WorkloadKind::append:
    case WorkloadKind::log:
      return {.function = Function::append, .key = std::move(key), .value = ++last_value};
    case WorkloadKind::set:
      return {.function = Function::add, .key = std::move(key), .value = ++last_value};
    case WorkloadKind::counter:
      return {.function = Function::add,
              .key = std::move(key),
              .value = std::int64_t{options_.decrements > 0 && random_.chance(options_.decrements) ? -1 : 1}};
    case WorkloadKind::lock:
      return {.function = Function::increment, .key = std::move(key), .value = std::int64_t{1}};
    case WorkloadKind::queue:
      return {.function = Function::enqueue, .key = std::move(key), .value = ++last_value};
    default:
      if (options_.deletes > 0 && random_.chance(options_.deletes))
        return {.function = Function::write, .key = std::move(key), .value = {}};
      return {.function = Function::write, .key = std::move(key), .value = ++last_value};
  }
}

// From anywhere up to behind the last element there may be.
Call KeyedCalls::poll(std::string key, std::int64_t last_value) {
  const auto offset = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(last_value) + 1));
  return {.function = Function::poll, .key = std::move(key), .value = offset};
}

Call KeyedCalls::change_cas_register(std::string key) {
  const auto value = [&] { return static_cast<std::int64_t>(random_.below(options_.values)); };
  if (random_.chance(0.5)) return {.function = Function::write, .key = std::move(key), .value = value()};
  const std::int64_t expected = value();
  return {.function = Function::cas, .key = std::move(key), .value = std::pair(expected, value())};
}

std::vector<Call> KeyedCalls::final_calls() const {
  std::vector<Call> calls;
  if (options_.kind == WorkloadKind::unique_ids || options_.kind == WorkloadKind::echo) return calls;
  if (options_.kind == WorkloadKind::set || options_.kind == WorkloadKind::log) {
    const bool set = options_.kind == WorkloadKind::set;
    for (std::uint32_t i = 0; i < keys_.numbered(); ++i)
      calls.push_back({.function = set ? Function::read : Function::poll,
                       .key = text_of(i),
                       .value = set ? model::Value() : model::Value(std::int64_t{0})});
    return calls;
  }
  const Function last = options_.kind == WorkloadKind::queue ? Function::drain : Function::read;
  // Counters have no elements by which a later read shows what an earlier one missed: several nodes are asked.
  const int times = options_.kind == WorkloadKind::counter ? kCounterReads : 1;
  for (const ActiveKeys::Key& key : keys_.in_use())
    for (int i = 0; i < times && key.operations > 0; ++i)
      calls.push_back({.function = last, .key = text_of(key.number), .value = {}});
  return calls;
}

}  // namespace fracas::controller
