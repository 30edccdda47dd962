#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "controller/cli/api_client.h"
#include "controller/cli/commands.h"
#include "controller/gameday/describe.h"
#include "controller/gameday/experiment_library.h"
#include "controller/gameday/machine_check.h"
#include "controller/reading/reading.h"
#include "lib/model/toml_layers.h"

namespace fracas::controller {
namespace {

using Json = nlohmann::json;

constexpr const char* kPath = "/api/v1/gamedays";
constexpr int kCouldNotRun = 5;

int refused(const Error& error) {
  fmt::print(stderr, "fracas gameday: {}\n", error.message);
  return kCouldNotRun;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& list_of(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

void print_line(std::string_view word, const std::string& what) {
  if (!what.empty()) fmt::print("  {:<10} {}\n", word, what);
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& text : texts) all += (all.empty() ? "" : ", ") + text.get<std::string>();
  return all;
}

void print_seconds(const char* word, const Json& day, const char* key) {
  if (const auto found = day.find(key); found != day.end() && found->is_number())
    print_line(word, fmt::format("{:.1f} s after the first fault", found->get<double>()));
}

void print_day(const Json& day) {
  const bool hidden = day.value("blind", false) && list_of(day, "experiments").empty();
  fmt::print("{}: {}{}\n", text_of(day, "name"), text_of(day, "state"), hidden ? ", its experiments are hidden" : "");
  print_line("doc", text_of(day, "doc"));
  print_line("next", text_of(day, "next"));
  print_line("approvals", fmt::format("{} of {} {}", list_of(day, "approved_by").size(), day.value("approvals", 0U),
                                      joined(list_of(day, "approved_by"))));
  for (const Json& guard : list_of(day, "guards")) print_line("guard", guard.get<std::string>());
  for (const Json& run : list_of(day, "experiments"))
    print_line("run", fmt::format("{} {} {} {}", text_of(run, "name"), text_of(run, "state"), text_of(run, "verdict"),
                                  text_of(run, "run")));
  for (const Json& entry : list_of(day, "timeline")) {
    const std::string text = text_of(entry, "text");
    print_line(text_of(entry, "kind"),
               fmt::format("{} {}{}{}", text_of(entry, "at"), text_of(entry, "who"), text.empty() ? "" : ": ", text));
  }
  print_seconds("detected", day, "detect_s");
  print_seconds("mitigated", day, "mitigate_s");
}

void print_days(const Json& days) {
  for (const Json& day : list_of(days, "gamedays"))
    fmt::print("{:<24} {:<9} {:<21} {}\n", text_of(day, "name"), text_of(day, "state"),
               text_of(day, "next").empty() ? "by hand" : text_of(day, "next"), text_of(day, "doc"));
}

int print_answer(const Result<std::string>& answer, bool json) {
  if (!answer) return refused(answer.error());
  const Json read = Json::parse(*answer, nullptr, false);
  if (!read.is_object()) return refused(Error{"the controller's answer is not JSON"});
  if (json)
    fmt::print("{}\n", read.dump(2));
  else if (read.contains("gamedays"))
    print_days(read);
  else
    print_day(read);
  return 0;
}

}  // namespace

int gameday_plan_command(const GameDayPlanCommand& command) {
  const auto text = model::read_document(command.file);
  if (!text) return bad_input(text.error());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto plan = gameday::read_plan(*text, command.file, gameday::experiments_below(command.experiments), now);
  if (!plan) return bad_input(plan.error());
  if (auto checked = gameday::check_machine(*text, command.file); !checked) return bad_input(checked.error());
  if (command.submit) {
    const Json body{{"plan", *text}};
    return print_answer(ask_controller({command.server, ""}, "POST", kPath, body.dump()), command.json);
  }
  const gameday::DescribeOptions options{.now = now, .starts = command.starts};
  fmt::print("{}", command.json ? gameday::plan_json(*plan, options) : gameday::describe_plan(*plan, options));
  return 0;
}

int gameday_command(const GameDayCommand& command) {
  const ServerAddress address{command.server, ""};
  const std::string path = command.name.empty() ? kPath : fmt::format("{}/{}", kPath, command.name);
  if (command.action.empty()) return print_answer(ask_controller(address, "GET", path), command.json);
  const Json body = command.text.empty() ? Json::object() : Json{{"text", command.text}};
  return print_answer(ask_controller(address, "POST", path + "/" + command.action, body.dump()), command.json);
}

}  // namespace fracas::controller
