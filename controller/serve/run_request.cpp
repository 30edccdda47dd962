#include "controller/serve/run_request.h"

#include <fmt/format.h>

#include <cerrno>

#include "controller/reading/reading.h"
#include "controller/serve/library.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

constexpr std::size_t kWordsMax = 100;
constexpr std::uint64_t kSeedDigitsMax = 19;

Error as_bad_input(Error error) {
  error.code = EINVAL;
  return error;
}

Status check_words(const StartOptions& options) {
  if (options.file.empty() == options.text.empty())
    return failure("give either `file`, of the library, or `experiment`, a TOML text", EINVAL);
  if (options.set.size() > kWordsMax) return failure("too many overrides in `set`", EINVAL);
  if (!options.world.empty() && options.world != "lab" && options.world != "sim" && options.world != "fleet")
    return failure("`world` is lab, sim or fleet, not \"" + options.world + "\"", EINVAL);
  const bool number = !options.seed.empty() && options.seed.size() <= kSeedDigitsMax &&
                      options.seed.find_first_not_of("0123456789") == std::string::npos;
  if (!options.seed.empty() && options.seed != "random" && !number)
    return failure("`seed` is a whole number or random, not \"" + options.seed + "\"", EINVAL);
  return {};
}

// The library's file; empty for a text. ERRORS: ENOENT.
Result<std::string> find_file(const StartOptions& options, const RunFolders& folders) {
  if (options.file.empty()) return std::string();
  const auto found = file_below(folders.library, options.file);
  if (!found || found->extension() != ".toml")
    return failure("the library of experiments has no " + options.file, ENOENT);
  return found->string();
}

Result<model::ExperimentFile> read(const StartOptions& options, const std::string& file,
                                   const std::vector<std::string>& overrides) {
  if (!file.empty()) return read_experiment_file(file, overrides);
  model::ReadOptions reading;
  reading.overrides = overrides;
  reading.bugs_known = bugs_known();
  // A text from elsewhere is not told what the controller's environment holds.
  reading.variable = [](const std::string&) { return std::nullopt; };
  return model::read_experiment_text(options.text, "experiment.toml", reading);
}

}  // namespace

Result<CheckedStart> check_start(const StartOptions& options, const RunFolders& folders) {
  if (auto words = check_words(options); !words) return failure(std::move(words).error());
  auto path = find_file(options, folders);
  if (!path) return failure(std::move(path).error());
  std::vector<std::string> overrides = options.set;
  choose_world(options.world, overrides);
  auto file = read(options, *path, overrides);
  if (!file) return failure(as_bad_input(std::move(file).error()));
  const model::Experiment& experiment = file->experiment();
  CheckedStart checked;
  checked.file = *path;
  checked.run.seed = choose_seed(*file, options.seed);
  if (auto timeline = plan_run(*file, checked.run.seed); !timeline)
    return failure(as_bad_input(std::move(timeline).error()));
  checked.run.name = experiment.name();
  checked.run.doc = experiment.doc();
  checked.run.file = options.file;
  checked.run.world = world_word(experiment);
  checked.run.target = model::kind_of(experiment.target());
  checked.run.by = options.by;
  checked.run.gameday = options.gameday;
  checked.run.blind = options.blind;
  checked.words = {"--quiet", "--seed", std::to_string(checked.run.seed), "--world", checked.run.world};
  for (const std::string& word : options.set) checked.words.push_back("--set=" + word);
  return checked;
}

}  // namespace fracas::controller
