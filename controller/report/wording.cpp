#include "controller/report/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "lib/base/text.h"
#include "lib/model/effect_words.h"

namespace fracas::controller {
namespace {

// Three significant digits and a fitting unit.
std::string milliseconds_text(double value) {
  constexpr std::array<std::pair<double, std::string_view>, 3> kUnits{{{1000, "s"}, {1, "ms"}, {0.001, "µs"}}};
  if (value == 0) return "0 ms";
  auto unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& each) { return std::abs(value) >= each.first; });
  if (unit == kUnits.end()) --unit;
  const double shown = value / unit->first;
  const int digits = std::abs(shown) >= 100 ? 0 : std::abs(shown) >= 10 ? 1 : 2;
  return fmt::format("{:.{}f} {}", shown, digits, unit->second);
}

bool take_suffix(std::string& text, std::string_view suffix) {
  if (text.size() <= suffix.size() || !text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

// 1 is "100%", and nothing less than all ever reads as all.
std::string share_text(double share) {
  if (share < 1 && share > 0.9999) return "99.99%";
  std::string text = fmt::format("{:.2f}", share * 100);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + "%";
}

std::string count_text(double value) {
  if (value == std::floor(value) && value >= 0 && value < 1e15)
    return with_separators(static_cast<std::uint64_t>(value));
  return fmt::format("{:.4g}", value);
}

}  // namespace

std::string with_separators(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string moment(std::int64_t time_ns, std::int64_t origin_ns) {
  return fmt::format("{:.3f} s", static_cast<double>(time_ns - origin_ns) / 1e9);
}

ShownNumber show_number(std::string_view name, double value) {
  std::string label(name);
  std::string text;
  if (!std::isfinite(value))
    text = "–";
  else if (take_suffix(label, "_ms"))
    text = milliseconds_text(value);
  else if (take_suffix(label, "_us"))
    text = milliseconds_text(value / 1000);
  else if (take_suffix(label, "_per_s"))
    text = count_text(std::round(value)) + "/s";
  else if (take_suffix(label, "_s"))
    text = milliseconds_text(value * 1000);
  else if (label.ends_with("_rate") || label.ends_with("_share"))
    text = share_text(value);
  else
    text = count_text(value);
  std::replace(label.begin(), label.end(), '_', ' ');
  return {label, text};
}

std::string operation_text(const checker::ShownOperation& operation, std::string_view key) {
  const std::string what = key.empty() ? operation.function : fmt::format("{} {}", operation.function, key);
  const std::string answer = operation.result.empty() ? std::string() : " → " + operation.result;
  if (operation.function == "write") return fmt::format("{} = {}", what, operation.argument);
  if (operation.function == "append" && !key.empty())
    return fmt::format("append {} to {}{}", operation.argument, key, answer);
  if (operation.argument.empty()) return what + answer;
  return fmt::format("{}: {}{}", what, operation.argument, answer);
}

std::string node_event_text(const model::NodeEvent& event) {
  using enum model::NodeEventType;
  switch (event.type) {
    case start:
      return fmt::format("{} started in term {} with a log of {} entries", event.node, event.term, event.index);
    case role:
      return fmt::format("{} became {} in term {}", event.node, model::name(event.role), event.term);
    case vote:
      return fmt::format("{} voted for {} in term {}", event.node, event.peer, event.term);
    case append:
      return fmt::format("{} wrote entry {} of term {} to its log (log hash {:x})", event.node, event.index,
                         event.entry_term, event.hash);
    case truncate:
      return fmt::format("{} dropped its log from entry {} on", event.node, event.index);
    case commit:
      return fmt::format("{} held everything up to entry {} for committed in term {}", event.node, event.index,
                         event.term);
    case apply:
      return fmt::format("{} applied entry {} (state hash {:x})", event.node, event.index, event.hash);
    case snapshot:
      return fmt::format("{} took a snapshot up to entry {} (state hash {:x})", event.node, event.index, event.hash);
  }
  return event.node;
}

std::string trigger_text(const model::FaultWindow& fault) {
  return milliseconds_text(static_cast<double>(fault.start_ns - fault.trigger_ns) / 1e6) + " after " + fault.trigger;
}

std::string effect_text(const model::FaultWindow& fault) {
  std::uint64_t affected = 0;
  std::uint64_t hosts = 0;
  for (const model::HostEffect& effect : fault.effects) {
    affected += effect.counters.affected;
    if (effect.counters.affected > 0) ++hosts;
  }
  if (affected == 0) return "had no effect";
  const model::EffectWords words = model::effect_words(fault.kind);
  const std::string where = fmt::format("on {} {}", hosts, plural("host", hosts));
  if (words.verb.empty()) return fmt::format("took effect {} times {}", with_separators(affected), where);
  return fmt::format("{} {} {} {}", words.verb, with_separators(affected), plural(words.thing, affected), where);
}

}  // namespace fracas::controller
