#include "controller/workload/generator.h"

#include <fmt/format.h>

#include "lib/base/ensure.h"

namespace fracas::controller {

Generator::Generator(const GeneratorOptions& options, std::uint64_t seed)
    : options_(options), random_(seed, "workload/calls") {
  ensure(options.keys > 0 && options.values > 1, "a workload needs a key and two values");
  for (std::uint32_t i = 0; i < options.keys; ++i) slots_.push_back(fresh_slot());
}

Generator::Slot Generator::fresh_slot() {
  return {.key = fmt::format("k{}", next_key_++), .operations = 0, .last_value = 0};
}

Call Generator::next() {
  Slot& slot = slots_[static_cast<std::size_t>(random_.below(slots_.size()))];
  if (slot.operations == options_.ops_per_key_max) slot = fresh_slot();
  ++slot.operations;
  if (random_.chance(options_.reads)) return {.function = model::Function::read, .key = slot.key, .value = {}};
  if (options_.kind == WorkloadKind::append)
    return {.function = model::Function::append, .key = slot.key, .value = ++slot.last_value};
  if (options_.kind == WorkloadKind::register_)
    return {.function = model::Function::write, .key = slot.key, .value = ++slot.last_value};
  const auto value = [&] { return static_cast<std::int64_t>(random_.below(options_.values)); };
  if (random_.chance(0.5)) return {.function = model::Function::write, .key = slot.key, .value = value()};
  const std::int64_t expected = value();
  return {.function = model::Function::cas, .key = slot.key, .value = std::pair(expected, value())};
}

std::vector<Call> Generator::final_reads() const {
  std::vector<Call> calls;
  for (const Slot& slot : slots_)
    if (slot.operations > 0) calls.push_back({.function = model::Function::read, .key = slot.key, .value = {}});
  return calls;
}

}  // namespace fracas::controller
