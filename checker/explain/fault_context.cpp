#include "checker/explain/fault_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

using model::FaultWindow;

constexpr std::ptrdiff_t kMarksMax = 5;  // of a proof

std::string describe_fault(const FaultWindow& fault) {
  return fmt::format("{} ({}{}{})", fault.id, fault.kind, fault.description.empty() ? "" : " ", fault.description);
}

std::string describe_position(const FaultWindow& fault, std::int64_t moment_ns) {
  if (moment_ns <= fault.end_ns)
    return fmt::format("during {}, {} after its start", describe_fault(fault),
                       describe_span(moment_ns - fault.start_ns));
  return fmt::format("{} after the end of {}", describe_span(moment_ns - fault.end_ns), describe_fault(fault));
}

}  // namespace

FaultContext place_among_faults(std::span<const FaultWindow> faults, std::int64_t start_ns, std::int64_t moment_ns) {
  std::vector<const FaultWindow*> begun;
  for (const FaultWindow& fault : faults)
    if (fault.start_ns <= moment_ns) begun.push_back(&fault);
  if (begun.empty()) return {{}, faults.empty() ? "" : "before the first fault"};
  std::stable_sort(begun.begin(), begun.end(), [](auto* a, auto* b) { return a->start_ns < b->start_ns; });
  std::vector<const FaultWindow*> active, overlapping;
  for (const FaultWindow* fault : begun) {
    if (fault->end_ns >= moment_ns) active.push_back(fault);
    if (fault->end_ns >= start_ns) overlapping.push_back(fault);
  }
  const FaultWindow* last =
      *std::max_element(begun.begin(), begun.end(), [](auto* a, auto* b) { return a->end_ns < b->end_ns; });
  if (overlapping.empty()) overlapping.push_back(last);
  if (active.empty()) active.push_back(last);
  FaultContext context;
  for (const FaultWindow* fault : overlapping) context.ids.push_back(fault->id);
  for (const FaultWindow* fault : active)
    context.sentence += (context.sentence.empty() ? "" : " and ") + describe_position(*fault, moment_ns);
  return context;
}

void add_moments(Counterexample& example, std::span<const ShownMoment> moments) {
  std::int64_t first = example.moment_ns;
  for (const ShownOperation& operation : example.operations) first = std::min(first, operation.invoke_ns);
  for (const model::NodeEvent& event : example.events) first = std::min(first, event.time_ns);
  const auto later = [](std::int64_t at, const ShownMoment& moment) { return at < moment.time_ns; };
  auto begin = std::upper_bound(moments.begin(), moments.end(), first, later);
  if (begin != moments.begin()) --begin;
  const auto end = std::upper_bound(begin, moments.end(), example.moment_ns, later);
  const auto kept = std::min<std::ptrdiff_t>(end - begin, kMarksMax);
  example.marks.assign(end - kept, end);
}

std::vector<std::string> render_marks(const Counterexample& example) {
  std::vector<std::string> lines;
  for (const ShownMoment& mark : example.marks)
    lines.push_back(fmt::format("{}, {} before", mark.what,
                                example.timed ? describe_span(example.moment_ns - mark.time_ns)
                                              : fmt::format("{} events", example.moment_ns - mark.time_ns)));
  return lines;
}

}  // namespace fracas::checker
