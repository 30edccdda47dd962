#include <nlohmann/json.hpp>

#include "agent/resources/undo_step.h"

namespace fracas::agent {
namespace {

using nlohmann::json;

json step_json(const WriteBack& step) {
  return {{"write", step.file.string()}, {"content", step.content}};
}
json step_json(const MoveBack& step) {
  return {{"move_from", step.group.string()}, {"home", step.home.string()}};
}
json step_json(const LimitBack& step) {
  return {{"limit_of", step.process.pid}, {"start_ticks", step.process.start_ticks},
          {"group", step.group.string()}, {"resource", step.resource},
          {"lowered", step.lowered},      {"former", step.former}};
}
json step_json(const EndWorkers& step) {
  return {{"end_workers", step.control.string()}, {"group", step.group.string()}};
}

// nlohmann's accessors throw; parse_undo_steps catches.
UndoStep parse_step(const json& value) {
  const auto text = [&value](const char* key) { return value.at(key).get<std::string>(); };
  if (value.contains("write")) return WriteBack{.file = text("write"), .content = text("content")};
  if (value.contains("move_from")) return MoveBack{.group = text("move_from"), .home = text("home")};
  if (value.contains("end_workers")) return EndWorkers{.control = text("end_workers"), .group = text("group")};
  return LimitBack{.process = {.pid = value.at("limit_of").get<pid_t>(),
                               .start_ticks = value.at("start_ticks").get<std::uint64_t>()},
                   .group = text("group"),
                   .resource = value.at("resource").get<int>(),
                   .lowered = value.at("lowered").get<std::uint64_t>(),
                   .former = value.at("former").get<std::uint64_t>()};
}

}  // namespace

std::string to_json(const std::vector<UndoStep>& steps) {
  json all = json::array();
  for (const UndoStep& step : steps) all.push_back(std::visit([](const auto& one) { return step_json(one); }, step));
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<UndoStep>> parse_undo_steps(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_array()) return failure("undo steps are no JSON array");
  std::vector<UndoStep> steps;
  try {
    for (const json& step : value) steps.push_back(parse_step(step));
  } catch (const json::exception& wrong) {
    return failure(std::string("undo steps: ") + wrong.what());
  }
  return steps;
}

}  // namespace fracas::agent
