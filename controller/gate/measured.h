#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "controller/report/run_record.h"

namespace fracas::controller {

// What a release gate compares between releases, one number a run. Larger is worse, except for ok_rate.
enum class Metric : std::uint8_t { ok_rate, latency_p50_ms, latency_p99_ms, recovery_s, silence_s };

inline constexpr std::array<Metric, 5> kMetrics{Metric::ok_rate, Metric::latency_p50_ms, Metric::latency_p99_ms,
                                                Metric::recovery_s, Metric::silence_s};

// "ok_rate", "latency_p50_ms", …: as in baseline files.
std::string_view name(Metric metric);

// The numbers of one run, by Metric; recovery is missing where no fault ended or nothing was invoked afterwards.
using Measured = std::array<std::optional<double>, kMetrics.size()>;

// ERRORS: never; a history that breaks its own rules measures as nothing.
Measured measure(const RunRecord& record);

// One metric of several runs, without those that lack it.
std::vector<double> column(const std::vector<Measured>& runs, Metric metric);

}  // namespace fracas::controller
