#include "checker/history/recorded_faults.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

namespace fracas::checker {
namespace {

// What ends a fault, and the fault it ends; empty = every one.
struct End {
  std::string_view word;
  std::string_view ends;
};
constexpr std::array kEnds{End{"stop", ""},        End{"heal", ""},    End{"resume", "pause"}, End{"cont", "stop"},
                           End{"restart", "kill"}, End{"recover", ""}, End{"fast", "slow"},    End{"reset", ""}};
constexpr std::array<std::string_view, 14> kFaults{"start",  "partition", "isolate", "kill", "crash",
                                                   "pause",  "stop",      "slow",    "cut",  "bump",
                                                   "strobe", "drop",      "delay",   "flaky"};

// "start-partition" in two: "start" and "partition".
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const std::size_t dash = name.find('-');
  return {name.substr(0, dash), dash == std::string_view::npos ? std::string_view{} : name.substr(dash + 1)};
}

bool begins_fault(std::string_view word) {
  return std::find(kFaults.begin(), kFaults.end(), word) != kFaults.end();
}

bool ends_fault(std::string_view word) {
  return std::any_of(kEnds.begin(), kEnds.end(), [&](const End& each) { return each.word == word; });
}

std::string_view first_word(std::string_view what) {
  return split(what.substr(0, what.find(' '))).first;
}

class Recorder {
 public:
  void add(const NemesisEvent& event) {
    const std::string_view what = event.what;
    const std::size_t space = std::min(what.find(' '), what.size());
    const auto [word, object] = split(what.substr(0, space));
    const auto end =
        std::find_if(kEnds.begin(), kEnds.end(), [&, w = word](const End& each) { return each.word == w; });
    if (end != kEnds.end()) return finish(object.empty() ? end->ends : object, event.time_ns);
    if (!begins_fault(word)) return;
    const std::string_view kind = word == "start" && !object.empty() ? object : what.substr(0, space);
    begin(kind, space < what.size() ? what.substr(space + 1) : std::string_view{}, event.time_ns);
  }

  std::vector<model::FaultWindow> finish(std::int64_t end_ns) && {
    for (model::FaultWindow& fault : faults_)
      if (fault.end_ns == kNever) fault.end_ns = end_ns;
    return std::move(faults_);
  }

 private:
  void begin(std::string_view kind, std::string_view description, std::int64_t time_ns) {
    for (model::FaultWindow& fault : faults_) {
      if (fault.end_ns != kNever || fault.kind != kind) continue;
      if (!description.empty()) fault.description = description;
      return;
    }
    model::FaultWindow fault;
    fault.kind = fault.name = kind;
    fault.id = fault.name + '#' + std::to_string(++counts_[fault.name]);
    fault.description = description;
    fault.start_ns = time_ns;
    fault.end_ns = kNever;
    faults_.push_back(std::move(fault));
  }

  void finish(std::string_view kind, std::int64_t time_ns) {
    for (model::FaultWindow& fault : faults_)
      if (fault.end_ns == kNever && (kind.empty() || fault.kind.starts_with(kind) || fault.kind == "start"))
        fault.end_ns = time_ns;
  }

  std::vector<model::FaultWindow> faults_;
  std::map<std::string, int> counts_;
};

}  // namespace

std::vector<model::FaultWindow> recorded_faults(const History& history) {
  Recorder recorder;
  for (const NemesisEvent& event : history.nemesis) recorder.add(event);
  return std::move(recorder).finish(history.end_ns);
}

std::vector<ShownMoment> recorded_moments(const History& history) {
  std::vector<ShownMoment> moments;
  for (const NemesisEvent& event : history.nemesis)
    if (const auto word = first_word(event.what); !begins_fault(word) && !ends_fault(word))
      moments.push_back({event.time_ns, event.what});
  return moments;
}

}  // namespace fracas::checker
