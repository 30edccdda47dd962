#include "controller/gameday/machine_check.h"

#include <fmt/format.h>

#include "controller/probe/probe.h"
#include "controller/target/user_command.h"
#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"

namespace fracas::controller::gameday {

Status check_machine(const std::string& plan_text, const std::string& name) {
  const auto file = model::read_gameday_text(plan_text, name);
  if (!file) return failure(file.error());
  model::Mistakes mistakes;
  const auto wrong = [&](const std::string& path, const Error& error) {
    mistakes.add(file->places().find(path), error.message);
  };
  for (int i = 0; i < file->plan().guard_size(); ++i)
    if (auto possible = check_probe(file->plan().guard(i)); !possible)
      wrong(fmt::format("guard[{}]", i), possible.error());
  for (int i = 0; i < file->plan().notify_size(); ++i) {
    const model::Notification& recipient = file->plan().notify(i);
    if (!recipient.has_command()) continue;
    if (auto program = find_program(recipient.command().command(0)); !program)
      wrong(fmt::format("notify[{}].command", i), program.error());
  }
  if (!mistakes.empty()) return failure(mistakes.error());
  return {};
}

}  // namespace fracas::controller::gameday
