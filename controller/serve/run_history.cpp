#include "controller/serve/run_history.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "controller/report/history_bin.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

// When its warm-up began, CLOCK_BOOTTIME; 0 if it never said.
std::int64_t origin_of(const std::filesystem::path& run_folder) {
  const auto text = os::read_file(run_folder / "verdict.json");
  if (!text) return 0;
  const auto verdict = nlohmann::json::parse(*text, nullptr, false);
  if (!verdict.is_object() || !verdict.contains("phases")) return 0;
  return verdict["phases"].value("warmup", std::int64_t{0});
}

}  // namespace

Result<std::filesystem::path> history_columns_of(const RunFolders& folders, const std::string& id) {
  const std::filesystem::path made = folders.job(id) / "history.bin";
  if (std::filesystem::exists(made)) return made;
  std::ifstream in(folders.run(id) / "history.jsonl");
  if (!in) return failure("the run has no history", ENOENT);
  const std::int64_t origin_ns = origin_of(folders.run(id));
  std::optional<HistoryColumns> columns;
  for (std::string line; std::getline(in, line);) {
    const auto event = model::parse_event(line);
    if (!event) continue;  // the last line of a killed run
    if (!columns) columns.emplace(origin_ns == 0 ? event->time_ns : origin_ns);
    columns->add(*event);
  }
  if (!columns) columns.emplace(origin_ns);
  if (auto written = os::write_file_durably(made, columns->bytes()); !written)
    return failure(std::move(written).error());
  return made;
}

}  // namespace fracas::controller
