#include <fmt/format.h>

#include <chrono>

#include "controller/cli/commands.h"
#include "controller/cli/gameday_library.h"
#include "controller/cli/reading.h"
#include "controller/gameday/describe.h"
#include "lib/model/toml_layers.h"

namespace fracas::controller {

int gameday_plan_command(const GameDayPlanCommand& command) {
  const auto text = model::read_document(command.file);
  if (!text) return bad_input(text.error());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto plan = gameday::read_plan(*text, command.file, experiments_below(command.experiments), now);
  if (!plan) return bad_input(plan.error());
  const gameday::DescribeOptions options{.now = now, .starts = command.starts};
  fmt::print("{}", command.json ? gameday::plan_json(*plan, options) : gameday::describe_plan(*plan, options));
  return 0;
}

}  // namespace fracas::controller
