#include "controller/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "checker/explain/dead_ends.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/lanes.h"
#include "controller/report/headline.h"
#include "controller/report/wording.h"

namespace fracas::controller {
namespace {

constexpr std::size_t kOccurrencesShown = 4;
constexpr std::size_t kLinesShown = 20;
constexpr std::size_t kWidth = 100;

// Counts what stands on the screen: bytes that continue a UTF-8 sequence take no column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Names and messages come from outside: an escape sequence in them must not reach the terminal.
std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return result;
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

// Lines of at most kWidth columns, broken at spaces; the second and later ones begin with `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t used = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool first = result.empty();
    if (!first && used + 1 + columns(word) > kWidth) {
      result += '\n' + std::string(indent, ' ');
      used = indent;
    } else if (!first) {
      result += ' ';
      ++used;
    }
    result += word;
    used += columns(word);
  }
  return result;
}

// The occurrences of one fault, told as one: their effects are summed host by host.
struct FaultGroup {
  model::FaultWindow sum;
  std::size_t count = 0;
  double seconds = 0;  // of all together

  std::string title() const { return count == 1 ? sum.id : fmt::format("{} ×{}", sum.name, count); }
};

void add_effects(const std::vector<model::HostEffect>& effects, std::vector<model::HostEffect>& sum) {
  for (const model::HostEffect& effect : effects) {
    const auto same =
        std::find_if(sum.begin(), sum.end(), [&](const model::HostEffect& known) { return known.host == effect.host; });
    if (same == sum.end()) {
      sum.push_back(effect);
      continue;
    }
    same->counters.matched += effect.counters.matched;
    same->counters.affected += effect.counters.affected;
    same->counters.bytes += effect.counters.bytes;
  }
}

// Faults with up to kOccurrencesShown occurrences stand one by one, and so does each occurrence without effect.
std::vector<FaultGroup> group_faults(const std::vector<model::FaultWindow>& faults) {
  std::map<std::string, std::size_t> occurrences;
  for (const model::FaultWindow& fault : faults) ++occurrences[fault.name];
  std::vector<FaultGroup> groups;
  for (const model::FaultWindow& fault : faults) {
    const double seconds = static_cast<double>(fault.end_ns - fault.start_ns) / 1e9;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const FaultGroup& group) {
      return group.sum.name == fault.name && group.sum.had_effect();
    });
    if (same == groups.end() || occurrences[fault.name] <= kOccurrencesShown || !fault.had_effect()) {
      groups.push_back({.sum = fault, .count = 1, .seconds = seconds});
      continue;
    }
    add_effects(fault.effects, same->sum.effects);
    ++same->count;
    same->seconds += seconds;
  }
  return groups;
}

class Writer {
 public:
  Writer(const RunRecord& record, const SummaryOptions& options) : record_(record), options_(options) {}

  std::string write() {
    const Headline line = headline(record_);
    // A history that was checked alone has no seed.
    const std::string seed = record_.target.empty() ? "" : fmt::format(", seed {}", record_.seed);
    text_ += fmt::format("\n{}  {}\n", paint(upper(line.verdict), style(line.tone)),
                         paint(printable(record_.name) + seed, "1"));
    paragraph("", line.sentence);
    if (!record_.target.empty()) paragraph("Tested", tested_sentence(record_));
    if (record_.operations_shed > 0)
      paragraph("", fmt::format("{} further operations were not started because all clients were busy.",
                                with_separators(record_.operations_shed)));
    if (!record_.control_says.empty()) paragraph("Control", record_.control_says);
    faults();
    checks();
    counterexamples();
    leftovers();
    // A path stands on one line, spaces and all, to be copied.
    if (!options_.report_path.empty())
      text_ += '\n' + paint(pad("Report", kIndent), "1") + printable(options_.report_path) + '\n';
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kIndent = 10;

  static std::string_view style(Tone tone) {
    switch (tone) {
      case Tone::good:
        return "1;32";
      case Tone::bad:
        return "1;31";
      case Tone::warn:
        return "1;33";
      case Tone::neutral:
        return "1;36";
    }
    return "1";
  }

  static std::string upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  std::string paint(std::string_view text, std::string_view style) const {
    return options_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text);
  }

  // A titled paragraph; without a title it stands under the one before.
  void paragraph(std::string_view title, std::string_view text, std::size_t hang = 0) {
    if (!title.empty()) text_ += '\n';
    text_ += paint(pad(title, kIndent), "1") + wrap(printable(text), kIndent + hang) + '\n';
  }

  void line(std::string_view text) { text_ += std::string(kIndent, ' ') + wrap(printable(text), kIndent + 2) + '\n'; }

  // One line a fault; the many occurrences of one are told together.
  void faults() {
    std::vector<FaultGroup> groups = group_faults(record_.faults);
    std::size_t width = 0;
    for (const FaultGroup& group : groups) width = std::max(width, columns(group.title()));
    std::string_view title = "Faults";
    for (const FaultGroup& group : groups) {
      std::string what = group.count == 1 ? " " + group.sum.description : "";
      if (group.count == 1 && !group.sum.trigger.empty()) what += ", " + trigger_text(group.sum);
      paragraph(title,
                fmt::format("{}  {}{}, {:.1f} s{}: ", pad(group.title(), width), group.sum.kind, what,
                            group.seconds / static_cast<double>(group.count), group.count == 1 ? "" : " each") +
                    (group.sum.had_effect() ? effect_text(group.sum) : "HAD NO EFFECT"),
                width + 2);
      title = "";
    }
  }

  void checks() {
    std::string_view title = "Checks";
    for (const checker::CheckResult& check : record_.checks) {
      const std::string_view style = check.verdict == checker::Verdict::pass       ? "32"
                                     : check.verdict == checker::Verdict::violated ? "31"
                                                                                   : "33";
      if (!title.empty()) text_ += '\n';
      text_ += paint(pad(title, kIndent), "1") + pad(printable(check.kind) + " ", 14) +
               paint(pad(checker::name(check.verdict), 11), style) + wrap(printable(check.summary), kIndent + 25) +
               '\n';
      title = "";
      if (!check.levels.empty())
        text_ += std::string(kIndent + 25, ' ') + wrap(printable(check.levels), kIndent + 25) + '\n';
      numbers(check);
    }
  }

  // The few numbers that everybody asks for; verdict.json and the report have all of them.
  void numbers(const checker::CheckResult& check) {
    std::string chosen;
    for (const char* name :
         {"latency_p50_ms", "latency_p99_ms", "during_ok_rate", "during_latency_p99_ms", "gap_longest_ms"}) {
      const auto found = check.numbers.find(name);
      if (found == check.numbers.end()) continue;
      const ShownNumber shown = show_number(found->first, found->second);
      chosen += fmt::format("{}{} {}", chosen.empty() ? "" : ", ", shown.label, shown.value);
    }
    if (!chosen.empty()) text_ += std::string(kIndent + 25, ' ') + wrap(printable(chosen), kIndent + 25) + '\n';
  }

  void counterexamples() {
    for (const checker::CheckResult& check : record_.checks) {
      if (!check.counterexample) continue;
      const checker::Counterexample& example = *check.counterexample;
      paragraph("Proof", example.sentence);
      if (!example.fault_sentence.empty()) line(example.fault_sentence);
      for (const std::string& mark : checker::render_marks(example)) line(mark);
      std::size_t shown = 0;
      for (const checker::ShownOperation& operation : example.operations)
        if (shown++ < kLinesShown) operation_line(operation, example);
      for (const model::NodeEvent& event : example.events)
        if (shown++ < kLinesShown)
          line(fmt::format("{}  {}", moment(event.time_ns, record_.phases.warmup_ns), node_event_text(event)));
      for (const std::string& lane : checker::render_lanes(example.operations, kWidth - kIndent))
        if (example.cycle.empty()) text_ += std::string(kIndent, ' ') + printable(lane) + '\n';
      for (const std::string& order : checker::render_dead_ends(example)) paragraph("", order);
      for (const checker::CycleEdge& edge : example.cycle)
        line(fmt::format("T{} < T{} ({}): {}", edge.from + 1, edge.to + 1, edge.label, edge.why));
      if (shown > kLinesShown) line(fmt::format("and {} more lines in the report", shown - kLinesShown));
    }
  }

  // Times of a run count from the end of its warm-up, as everywhere here; those of a history alone from its start.
  std::string when(std::int64_t at, const checker::Counterexample& example) const {
    if (at == checker::kNever) return "unknown";
    return record_.target.empty() ? checker::render_moment(example, at) : moment(at, record_.phases.warmup_ns);
  }

  void operation_line(const checker::ShownOperation& operation, const checker::Counterexample& example) {
    const std::string where = operation.node.empty() ? "" : fmt::format("  at {}", operation.node);
    line(fmt::format("{} – {}  {}  {}{}", when(operation.invoke_ns, example),
                     pad(when(operation.return_ns, example), 9), pad(operation.client, 4),
                     operation_text(operation, example.key), where));
  }

  void leftovers() {
    std::string_view title = "Left";
    for (const std::string& left : record_.leftovers) {
      paragraph(title, left);
      title = "";
    }
    if (!record_.leftovers.empty()) line("Remove it with: fracas heal");
  }

  const RunRecord& record_;
  const SummaryOptions& options_;
  std::string text_;
};

}  // namespace

std::string summary(const RunRecord& record, const SummaryOptions& options) {
  return Writer(record, options).write();
}

}  // namespace fracas::controller
