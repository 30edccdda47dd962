#include "checker/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "checker/isolation/bank.h"
#include "checker/isolation/long_fork.h"
#include "checker/isolation/predicates.h"
#include "checker/isolation/transactional.h"
#include "checker/models/key_value.h"
#include "checker/models/register_kinds.h"
#include "checker/structures/container_kinds.h"
#include "checker/structures/service_kinds.h"
#include "checker/structures/total_kinds.h"
#include "lib/model/suggest.h"

namespace fracas::checker {
namespace {

template <typename Names>
std::string suggestion_among(std::string_view word, const Names& names) {
  std::vector<std::string> candidates(names.begin(), names.end());
  return model::suggestion(word, candidates);
}

std::vector<std::string> names_of(std::span<const ModelKind* const> kinds) {
  std::vector<std::string> names;
  for (const ModelKind* kind : kinds) names.emplace_back(kind->name);
  return names;
}

std::vector<std::string> names_of(std::span<const ModelParameter> parameters) {
  std::vector<std::string> names;
  for (const ModelParameter& parameter : parameters) names.emplace_back(parameter.name);
  return names;
}

}  // namespace

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

std::span<const ModelKind* const> catalogue() {
  static const std::vector<const ModelKind*> kinds{&kRegister,
                                                   &kCasRegister,
                                                   &kMultiRegister,
                                                   &kKeyValue,
                                                   &isolation::kListAppend,
                                                   &isolation::kRwRegister,
                                                   &isolation::kClosedPredicate,
                                                   &isolation::kLongFork,
                                                   &isolation::kBank,
                                                   &kSet,
                                                   &kCounter,
                                                   &kFifoQueue,
                                                   &kStack,
                                                   &kPriorityQueue,
                                                   &kMutex,
                                                   &kSemaphore,
                                                   &kFencedLock,
                                                   &kUniqueIds,
                                                   &kMonotonic,
                                                   &kEcho,
                                                   &kLog,
                                                   &kTotalQueue,
                                                   &kSetFull,
                                                   &kSiblings};
  return kinds;
}

Result<const ModelKind*> find_model(std::string_view name) {
  for (const ModelKind* kind : catalogue())
    if (kind->name == name) return kind;
  return failure(fmt::format("there is no model \"{}\"{}", name, suggestion_among(name, names_of(catalogue()))));
}

Result<CheckResult> check(const History& history, const ModelKind& model, const Request& request) {
  Request full = request;
  if (full.level.empty()) full.level = model.levels.front();
  if (std::find(model.levels.begin(), model.levels.end(), full.level) == model.levels.end())
    return failure(fmt::format("the model {} is not checked for \"{}\"{}", model.name, full.level,
                               suggestion_among(full.level, model.levels)));
  for (const auto& [name, text] : full.parameters) {
    const auto known = names_of(model.parameters);
    if (std::find(known.begin(), known.end(), name) == known.end())
      return failure(
          fmt::format("the model {} has no parameter \"{}\"{}", model.name, name, suggestion_among(name, known)));
  }
  return model.check(history, full);
}

}  // namespace fracas::checker
