#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/cli/commands.h"
#include "controller/reading/reading.h"
#include "lib/model/catalogue.h"

namespace fracas::controller {
namespace {

void print_json(const std::vector<model::KindDoc>& kinds) {
  auto document = nlohmann::ordered_json::array();
  for (const model::KindDoc& kind : kinds) {
    nlohmann::ordered_json entry;
    entry["kind"] = kind.kind;
    entry["doc"] = kind.doc;
    entry["counters"] = kind.counters;
    auto& fields = entry["fields"] = nlohmann::ordered_json::array();
    for (const model::FieldDoc& field : kind.fields)
      fields.push_back({{"name", field.name},
                        {"type", field.type},
                        {"doc", field.doc},
                        {"min", field.min},
                        {"max", field.max},
                        {"default", field.default_value},
                        {"required", field.required}});
    document.push_back(std::move(entry));
  }
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

int catalogue_command(const CatalogueCommand& command) {
  if (!command.kind.empty()) {
    const auto text = model::explain(command.kind);
    if (!text) return bad_input(text.error());
    fmt::print("{}", *text);
    return 0;
  }
  const auto faults = model::kinds(model::Section::fault);
  if (command.json) {
    print_json(faults);
    return 0;
  }
  for (const model::KindDoc& kind : faults) fmt::print("{:<16} {}\n", kind.kind, kind.doc);
  fmt::print("\nfracas explain KIND tells more; fracas doctor tells which of them work here.\n");
  return 0;
}

}  // namespace fracas::controller
