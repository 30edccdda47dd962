#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "lib/model/field_docs.h"
#include "lib/model/field_rules.h"
#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"

namespace fracas::model {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Plans of game days

<!-- Generated from lib/model/gameday.proto. Run the test binary `golden` with FRACAS_UPDATE_GOLDEN=1 to write it anew. -->

A plan is a TOML file; [game days](../gamedays.md) says what becomes of it. `${NAME}` inside a text stands for the value of NAME
in the table `[vars]`. What is wrong is said before anything is planned, one line each: `file:line:column: message`.

)";

std::string part(std::string_view title, const google::protobuf::Descriptor& type) {
  return fmt::format("## {}\n\n{}", title, field_table(fields_of(type)));
}

std::string kind_part(const google::protobuf::Descriptor& type) {
  const MessageRule& rule = rule_of(type);
  return fmt::format("### kind = \"{}\"\n\nIt {}.\n\n```toml\n{}```\n\n{}", rule.kind(), rule.doc(), rule.example(),
                     field_table(fields_of(type)));
}

}  // namespace

std::string gameday_reference_markdown() {
  std::string text(kIntroduction);
  text += part("The file", *GameDayPlan::descriptor());
  text += part("[schedule]", *Schedule::descriptor());
  text += part("[[window]]", *Window::descriptor());
  text += part("[approval]", *Approval::descriptor());
  text += part("[[experiment]]", *GameDayExperiment::descriptor());
  text += fmt::format(
      "## [[guard]]\n\nA probe, as experiments have them: besides the keys of all, those of its kind "
      "(see [probes](experiment.md#probe)). A guard is measured from the controller, before an experiment (`before`), "
      "while one "
      "runs (`during`), or both (`continuous`); `after` and `workload` are not for guards, and `failures_in_row` says "
      "how "
      "often it may fail, not `passed_min`.\n\n{}",
      field_table(fields_of(*ProbeSpec::descriptor())));
  text += part("[[notify]]", *Notification::descriptor());
  for (const auto* kind : {WebhookNotification::descriptor(), CommandNotification::descriptor()})
    text += kind_part(*kind);
  text.pop_back();
  return text;
}

}  // namespace fracas::model
