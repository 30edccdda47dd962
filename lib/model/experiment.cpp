#include "lib/model/experiment.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/mistake.h"
#include "lib/model/toml_document.h"
#include "lib/model/toml_override.h"
#include "lib/model/toml_reader.h"
#include "lib/model/toml_variables.h"
#include "lib/model/toml_writer.h"

namespace fracas::model {
namespace {

// More than any experiment needs; a wrong path may well lead to a disk image.
constexpr std::size_t kFileSizeMax = std::size_t{1} << 20U;

Result<std::string> read_text(const std::string& path) {
  const auto refuse = [&](int code) { return failure(path + ": " + std::generic_category().message(code), code); };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return refuse(errno);
  if (S_ISDIR(status.st_mode)) return refuse(EISDIR);
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(errno);
  std::string text(kFileSizeMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse(EIO);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileSizeMax) return failure(path + ": larger than 1MiB; this is no experiment");
  return text;
}

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

Result<ExperimentFile> read_experiment_text(std::string_view text, const std::string& name,
                                            const ReadOptions& options) {
  auto root = parse_toml(text, name);
  if (!root) return failure(std::move(root).error());
  if (!has_keys(*root)) return failure(fmt::format("{}:1:1: the file is empty", name));
  for (const std::string& assignment : options.overrides)
    if (auto applied = apply_override(*root, assignment); !applied) return failure(std::move(applied).error());

  Mistakes mistakes;
  auto places = std::make_unique<Places>();
  auto experiment = std::make_unique<Experiment>();
  substitute_variables(*root, options.variable, mistakes);
  read_message(*root, *experiment, mistakes, *places);
  if (!mistakes.empty()) return failure(mistakes.error());
  complete_faults(*experiment);
  check_experiment(*experiment, options, *places, mistakes);
  if (!mistakes.empty()) return failure(mistakes.error());
  return ExperimentFile(std::move(experiment), std::move(places));
}

Result<ExperimentFile> read_experiment(const std::string& path, const ReadOptions& options) {
  auto text = read_text(path);
  if (!text) return failure(std::move(text).error());
  return read_experiment_text(*text, path, options);
}

std::string to_toml(const Experiment& experiment) {
  return write_message(experiment);
}

}  // namespace fracas::model
