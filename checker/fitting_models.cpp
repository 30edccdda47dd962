#include "checker/fitting_models.h"

#include <array>
#include <utility>

#include "checker/catalogue.h"

namespace fracas::checker {
namespace {

constexpr int kSamples = 4;

// The first answered operations of each function, in their order; unanswered ones where there is no other.
LargeVector<Operation> samples_of(const History& history) {
  std::array<int, 256> answered{};
  std::array<int, 256> unanswered{};
  for (const Operation& each : history.operations)
    if (each.outcome == Outcome::ok) ++answered[static_cast<std::size_t>(each.function)];
  std::array<int, 256> taken{};
  LargeVector<Operation> samples;
  for (const Operation& each : history.operations) {
    const auto function = static_cast<std::size_t>(each.function);
    if (each.outcome != Outcome::ok && (answered[function] > 0 || unanswered[function]++ > 0)) continue;
    if (taken[function]++ < kSamples) samples.push_back(each);
  }
  return samples;
}

}  // namespace

std::vector<const ModelKind*> fitting_models(History& history) {
  LargeVector<Operation> samples = samples_of(history);
  samples.swap(history.operations);
  Request request;
  request.budget.configurations_per_key = 1000;
  request.budget.threads = 1;
  std::vector<const ModelKind*> fitting;
  for (const ModelKind* kind : catalogue())
    if (check(history, *kind, request)) fitting.push_back(kind);
  samples.swap(history.operations);
  return fitting;
}

}  // namespace fracas::checker
