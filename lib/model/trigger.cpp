#include "lib/model/trigger.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

constexpr std::array<std::string_view, 4> kPlain{"leader-elected", "leader-lost", "role-changed", "first-violation"};
constexpr std::string_view kFault = "fault:";
constexpr std::string_view kStarted = ":started";
constexpr std::string_view kEnded = ":ended";

}  // namespace

Result<RunEvent> parse_run_event(std::string_view text) {
  for (std::size_t i = 0; i < kPlain.size(); ++i)
    if (kPlain[i] == text) return RunEvent{.kind = static_cast<RunEventKind>(i)};
  if (text.starts_with(kFault)) {
    const std::string_view rest = text.substr(kFault.size());
    for (const auto& [suffix, kind] :
         {std::pair{kStarted, RunEventKind::fault_started}, {kEnded, RunEventKind::fault_ended}})
      if (rest.size() > suffix.size() && rest.ends_with(suffix))
        return RunEvent{.kind = kind, .fault = std::string(rest.substr(0, rest.size() - suffix.size()))};
    return failure(fmt::format("\"{}\" is neither fault:NAME:started nor fault:NAME:ended", text));
  }
  std::vector<std::string> known(kPlain.begin(), kPlain.end());
  known.insert(known.end(), {"fault:NAME:started", "fault:NAME:ended"});
  return failure(fmt::format("unknown event \"{}\"{}", text, suggestion(text, known)));
}

std::string to_text(const RunEvent& event) {
  const auto index = static_cast<std::size_t>(event.kind);
  if (index < kPlain.size()) return std::string(kPlain[index]);
  return fmt::format("{}{}{}", kFault, event.fault, event.kind == RunEventKind::fault_started ? kStarted : kEnded);
}

}  // namespace fracas::model
