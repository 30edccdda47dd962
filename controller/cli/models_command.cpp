#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "checker/catalogue.h"
#include "controller/cli/commands.h"
#include "controller/reading/reading.h"

namespace fracas::controller {
namespace {

using Kinds = std::span<const checker::ModelKind* const>;

void print_json(Kinds kinds) {
  auto document = nlohmann::ordered_json::array();
  for (const checker::ModelKind* kind : kinds) {
    nlohmann::ordered_json entry{{"model", kind->name}, {"doc", kind->doc}, {"levels", kind->levels}};
    auto& parameters = entry["parameters"] = nlohmann::ordered_json::array();
    for (const checker::ModelParameter& each : kind->parameters)
      parameters.push_back({{"name", each.name}, {"doc", each.doc}, {"default", each.default_}});
    document.push_back(std::move(entry));
  }
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

int models_command(const ModelsCommand& command) {
  Kinds kinds = checker::catalogue();
  const checker::ModelKind* one = nullptr;
  if (!command.name.empty()) {
    const auto found = checker::find_model(command.name);
    if (!found) return bad_input(found.error());
    one = *found;
    kinds = {&one, 1};
  }
  if (command.json) {
    print_json(kinds);
    return 0;
  }
  for (const checker::ModelKind* kind : kinds) {
    fmt::print("{:<16} {}\n", kind->name, kind->doc);
    fmt::print("{:<16}   levels: {}\n", "", fmt::join(kind->levels, ", "));
    for (const checker::ModelParameter& each : kind->parameters)
      fmt::print("{:<16}   {}: {}{}\n", "", each.name, each.doc,
                 each.default_.empty() ? "" : fmt::format(" (default {})", each.default_));
  }
  return 0;
}

}  // namespace fracas::controller
