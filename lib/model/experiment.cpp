#include "lib/model/experiment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/mistake.h"
#include "lib/model/toml_document.h"
#include "lib/model/toml_layers.h"
#include "lib/model/toml_matrix.h"
#include "lib/model/toml_override.h"
#include "lib/model/toml_reader.h"
#include "lib/model/toml_variables.h"
#include "lib/model/toml_writer.h"

namespace fracas::model {
namespace {

bool has_keys(const TomlNode& root) {
  return !std::get<TomlTable>(root.value).entries.empty();
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

ExperimentFile::ExperimentFile(std::unique_ptr<Experiment> experiment, std::unique_ptr<Places> places)
    : experiment_(std::move(experiment)), places_(std::move(places)) {}
ExperimentFile::ExperimentFile(ExperimentFile&&) noexcept = default;
ExperimentFile& ExperimentFile::operator=(ExperimentFile&&) noexcept = default;
ExperimentFile::~ExperimentFile() = default;

std::string ExperimentFile::where(std::size_t fault, std::string_view key) const {
  return where(key.empty() ? fmt::format("fault[{}]", fault) : fmt::format("fault[{}].{}", fault, key));
}

std::string ExperimentFile::where(std::string_view path) const {
  return places_->find(path).text();
}

namespace {

// The hosts stand in the experiment from now on, so that it says where it ran.
void take_inventory(Experiment& experiment, const ReadOptions& options, const Places& places, Mistakes& mistakes) {
  World& world = *experiment.mutable_world();
  if (world.kind() != WORLD_KIND_FLEET || world.inventory().empty() || world.host_size() > 0) return;
  const Place& place = places.find("world.inventory");
  if (!options.inventory) return mistakes.add(place, "an inventory cannot be looked at here");
  const auto text = options.inventory(world.inventory(), place.source);
  if (!text) return mistakes.add(place, text.error().message);
  auto inventory = read_inventory_text(*text, world.inventory());
  if (!inventory) return mistakes.add(place, inventory.error().message);
  world.mutable_host()->Swap(inventory->mutable_host());
  world.clear_inventory();
}

Result<ExperimentFile> read_variant(Variant variant, const ReadOptions& options) {
  Mistakes mistakes;
  auto places = std::make_unique<Places>();
  auto experiment = std::make_unique<Experiment>();
  substitute_variables(variant.root, options.variable, mistakes);
  read_message(variant.root, *experiment, mistakes, *places);
  if (!mistakes.empty()) return failure(mistakes.error());
  experiment->set_name(experiment->name() + variant.suffix);
  take_inventory(*experiment, options, *places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  complete_faults(*experiment);
  complete_probes(*experiment);
  check_experiment(*experiment, options, *places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  return ExperimentFile(std::move(experiment), std::move(places));
}

Result<std::vector<ExperimentFile>> read_variants(std::string_view text, const std::string& name,
                                                  const ReadOptions& options) {
  auto root = parse_toml(text, name);
  if (!root) return failure(std::move(root).error());
  if (!has_keys(*root)) return failure(fmt::format("{}:1:1: the file is empty", name));
  if (auto merged = merge_layers(*root, name); !merged) return failure(std::move(merged).error());
  for (const std::string& assignment : options.overrides)
    if (auto applied = apply_override(*root, assignment); !applied) return failure(std::move(applied).error());
  auto variants = expand_matrix(std::move(*root));
  if (!variants) return failure(std::move(variants).error());
  std::vector<ExperimentFile> files;
  for (Variant& variant : *variants) {
    auto file = read_variant(std::move(variant), options);
    if (!file) return failure(std::move(file).error());
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace

Result<ExperimentFile> read_experiment_text(std::string_view text, const std::string& name,
                                            const ReadOptions& options) {
  auto files = read_variants(text, name, options);
  if (!files) return failure(std::move(files).error());
  if (files->size() > 1)
    return failure(fmt::format("{}: its matrix stands for {} experiments; choose one, as with --set matrix.{}", name,
                               files->size(), "PATH=[VALUE]"));
  return std::move(files->front());
}

Result<ExperimentFile> read_experiment(const std::string& path, const ReadOptions& options) {
  auto text = read_document(path);
  if (!text) return failure(std::move(text).error());
  return read_experiment_text(*text, path, options);
}

Result<std::vector<ExperimentFile>> read_experiments(const std::string& path, const ReadOptions& options) {
  auto text = read_document(path);
  if (!text) return failure(std::move(text).error());
  return read_variants(*text, path, options);
}

Result<ExperimentFile> check_experiment(Experiment experiment, const std::string& name, const ReadOptions& options) {
  Mistakes mistakes;
  auto places = std::make_unique<Places>();
  places->set("", {.source = name});
  complete_faults(experiment);
  complete_probes(experiment);
  check_experiment(experiment, options, *places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  return ExperimentFile(std::make_unique<Experiment>(std::move(experiment)), std::move(places));
}

Result<Inventory> read_inventory_text(std::string_view text, const std::string& name) {
  auto root = parse_toml(text, name);
  if (!root) return failure(std::move(root).error());
  if (!has_keys(*root)) return failure(fmt::format("{}:1:1: the file lists no [[host]]", name));
  Mistakes mistakes;
  Places places;
  Inventory inventory;
  read_message(*root, inventory, mistakes, places);
  std::vector<std::string> names;
  for (const FleetHost& host : inventory.host()) names.push_back(host.name());
  check_names(names, "host", places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  return inventory;
}

std::string to_toml(const Experiment& experiment) {
  return write_message(experiment);
}

}  // namespace fracas::model
