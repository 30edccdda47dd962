#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "checker/catalogue.h"
#include "controller/cli/commands.h"

namespace fracas::controller {
namespace {

void print_json() {
  auto document = nlohmann::ordered_json::array();
  for (const checker::ModelKind* kind : checker::catalogue()) {
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
  if (command.json) {
    print_json();
    return 0;
  }
  for (const checker::ModelKind* kind : checker::catalogue()) {
    fmt::print("{:<16} {}\n", kind->name, kind->doc);
    fmt::print("{:<16}   levels: {}\n", "", fmt::join(kind->levels, ", "));
    for (const checker::ModelParameter& each : kind->parameters)
      fmt::print("{:<16}   {}: {}{}\n", "", each.name, each.doc,
                 each.default_.empty() ? "" : fmt::format(" (default {})", each.default_));
  }
  return 0;
}

}  // namespace fracas::controller
