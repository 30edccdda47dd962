#include "lib/model/gameday.h"

#include <optional>
#include <utility>

#include "lib/model/gameday.pb.h"
#include "lib/model/kind_names.h"
#include "lib/model/toml_document.h"
#include "lib/model/toml_reader.h"
#include "lib/model/toml_variables.h"

namespace fracas::model {

GameDayFile::GameDayFile(std::unique_ptr<GameDayPlan> plan, std::unique_ptr<Places> places)
    : plan_(std::move(plan)), places_(std::move(places)) {}
GameDayFile::GameDayFile(GameDayFile&&) noexcept = default;
GameDayFile& GameDayFile::operator=(GameDayFile&&) noexcept = default;
GameDayFile::~GameDayFile() = default;

Result<GameDayFile> read_gameday_text(std::string_view text, const std::string& name) {
  auto root = parse_toml(text, name);
  if (!root) return failure(std::move(root).error());
  if (std::get<TomlTable>(root->value).entries.empty()) return failure(name + ":1:1: the file is empty");
  Mistakes mistakes;
  auto places = std::make_unique<Places>();
  auto plan = std::make_unique<GameDayPlan>();
  substitute_variables(
      *root, [](const std::string&) { return std::nullopt; }, mistakes);
  read_message(*root, *plan, mistakes, *places);
  if (!mistakes.empty()) return failure(mistakes.error());
  name_after_kind(*plan->mutable_guard());
  return GameDayFile(std::move(plan), std::move(places));
}

}  // namespace fracas::model
