#include "controller/gameday/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <utility>

#include "controller/probe/probe.h"
#include "lib/base/ensure.h"
#include "lib/base/quantity.h"
#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller::gameday {
namespace {

using model::ProbeMoment;
using model::ProbeSpec;

bool measured_at(const ProbeSpec& guard, ProbeMoment moment) {
  return std::ranges::any_of(guard.when(),
                             [&](int each) { return each == moment || each == model::PROBE_MOMENT_CONTINUOUS; });
}

// False where `stopping` came first.
bool pause(std::chrono::nanoseconds length, const std::stop_token& stopping) {
  std::mutex mutex;
  std::condition_variable_any bell;
  std::unique_lock lock(mutex);
  bell.wait_for(lock, stopping, length, [] { return false; });
  return !stopping.stop_requested();
}

std::string sentence(const ProbeSpec& guard, const Measurement& last) {
  const std::uint32_t most = guard.failures_in_row();
  return fmt::format("guard {} failed{}: {}", guard.name(), most > 1 ? fmt::format(" {} times in a row", most) : "",
                     last.says);
}

// Measures a guard until it failed too often, `stopping` comes, or, where it has to pass only `once`, it passed.
std::optional<std::string> follow(const ProbeSpec& guard, bool once, const std::stop_token& stopping) {
  for (std::uint32_t failures = 0;;) {
    const Measurement measurement = measure(guard, {.addresses = {}, .stopping = stopping});
    if (stopping.stop_requested() || (once && measurement.passed)) return std::nullopt;
    failures = measurement.passed ? 0 : failures + 1;
    if (failures >= guard.failures_in_row()) return sentence(guard, measurement);
    const auto rest = model::from_proto(guard.interval()) - std::chrono::nanoseconds(measurement.took_ns);
    if (!pause(rest, stopping)) return std::nullopt;
  }
}

}  // namespace

std::vector<GuardMistake> guard_mistakes(const ProbeSpec& guard) {
  std::vector<GuardMistake> mistakes;
  if (guard.has_workload()) mistakes.push_back({"kind", "a guard looks from outside: a workload is an experiment's"});
  if (guard.from() != "controller") mistakes.push_back({"from", "a guard is measured from the controller"});
  if (guard.passed_min() != 1)
    mistakes.push_back({"passed_min", "of a guard failures_in_row says how often it may fail"});
  if (guard.when().empty()) mistakes.push_back({"when", "it is never measured: say when, or leave `when` out"});
  if (std::ranges::find(guard.when(), model::PROBE_MOMENT_AFTER) != guard.when().end())
    mistakes.push_back(
        {"when", "a guard is measured before an experiment and while it runs: nothing depends on it after"});
  return mistakes;
}

Guards guards_of(const std::string& plan_text) {
  const auto file = model::read_gameday_text(plan_text, "plan");
  ensure(file.has_value(), "a plan that was submitted can be read");
  return {file->plan().guard().begin(), file->plan().guard().end()};
}

std::string describe_guard(const ProbeSpec& guard) {
  const bool before = measured_at(guard, model::PROBE_MOMENT_BEFORE);
  const bool during = measured_at(guard, model::PROBE_MOMENT_DURING);
  return fmt::format(
      "{}: {}, {}{}{}", guard.name(), describe(guard, {}), before ? "before each experiment" : "",
      before && during ? " and " : "",
      during ? fmt::format("every {} while one runs", format_duration(model::from_proto(guard.interval()))) : "");
}

std::vector<std::string> failed_before(const Guards& guards, std::stop_token stopping) {
  std::vector<std::optional<std::string>> said(guards.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < guards.size(); ++i)
      if (measured_at(guards[i], model::PROBE_MOMENT_BEFORE))
        threads.emplace_back([&guards, &said, &stopping, i] { said[i] = follow(guards[i], true, stopping); });
  }
  std::vector<std::string> failed;
  for (auto& each : said)
    if (each) failed.push_back(*std::move(each));
  return failed;
}

GuardWatch::GuardWatch(const Guards& guards, Failed failed) : failed_(std::move(failed)) {
  for (const ProbeSpec& guard : guards)
    if (measured_at(guard, model::PROBE_MOMENT_DURING))
      threads_.emplace_back([this, guard](const std::stop_token& stopping) {
        if (const auto said = follow(guard, false, stopping)) tell(*said);
      });
}

void GuardWatch::tell(const std::string& sentence) {
  std::call_once(told_, [&] { failed_(sentence); });
}

}  // namespace fracas::controller::gameday
