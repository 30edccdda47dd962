#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/mistake.h"

// From a user's TOML to the plan of a game day. The message itself is in lib/model/gameday.pb.h, for those who need it.
namespace fracas::model {

class GameDayPlan;

// A plan whose single values are in their ranges, all defaults filled in, and where its parts stand in the file.
// Move-only. What must hold between its parts (a schedule that meets its windows) is found by controller/gameday.
class GameDayFile {
 public:
  GameDayFile(std::unique_ptr<GameDayPlan> plan, std::unique_ptr<Places> places);
  GameDayFile(GameDayFile&&) noexcept;
  GameDayFile& operator=(GameDayFile&&) noexcept;
  ~GameDayFile();

  const GameDayPlan& plan() const { return *plan_; }
  const Places& places() const { return *places_; }

 private:
  std::unique_ptr<GameDayPlan> plan_;
  std::unique_ptr<Places> places_;
};

// Reads a plan from a text; `name` stands for the file in errors. ${NAME} stands for a value of [vars] and for nothing
// else: a plan may be read by a daemon whose environment is none of its author's business.
// ERRORS: one line "file:line:column: message" a mistake, joined by newlines, in the order of the file.
Result<GameDayFile> read_gameday_text(std::string_view text, const std::string& name);

// docs/reference/gameday.md, generated whole from the message.
std::string gameday_reference_markdown();

}  // namespace fracas::model
