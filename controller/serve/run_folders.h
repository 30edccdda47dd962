#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fracas::controller {

// Where a controller keeps files. `jobs/ID` holds what it knows of a run beside the run's own folder, `runs/ID`.
struct RunFolders {
  std::filesystem::path state;    // of this controller
  std::filesystem::path library;  // experiments
  std::filesystem::path program;  // `fracas`

  std::filesystem::path run(const std::string& id) const { return state / "runs" / id; }
  std::filesystem::path job(const std::string& id) const { return state / "jobs" / id; }
  std::filesystem::path events(const std::string& id) const { return job(id) / "events.jsonl"; }
  std::filesystem::path output(const std::string& id) const { return job(id) / "output.log"; }
  std::filesystem::path text(const std::string& id) const { return job(id) / "experiment.toml"; }
};

// The file `name` below `folder`; nothing if there is none, or if it lies elsewhere: no "..", no absolute paths, no
// symbolic links that lead out.
std::optional<std::filesystem::path> file_below(const std::filesystem::path& folder, const std::string& name);

// All regular files below a folder by name, relative to it, sorted; at most `limit`.
std::vector<std::string> files_below(const std::filesystem::path& folder, std::size_t limit);

}  // namespace fracas::controller
