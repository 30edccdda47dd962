#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What probes measured: plain data for the run, its report and game days.
namespace fracas::controller {

// One look of a probe.
struct Measurement {
  std::int64_t time_ns = 0;  // CLOCK_BOOTTIME of its begin
  std::int64_t took_ns = 0;
  bool passed = false;
  std::optional<double> value{};  // where a number was measured
  std::string says{};             // for people: "status 200: true", "no answer within 1s"
};

// The part of a run in which something was measured.
enum class RunPart : std::uint8_t { before, during, after };

// A measurement of a run's probe, and what it is for.
struct ProbeSample {
  Measurement measurement{};
  RunPart part = RunPart::before;
  bool counts = false;   // for the share that must pass
  bool decides = false;  // the last one before or after the faults, which must pass
};

// Everything a probe measured in a run, by time.
struct ProbeRecord {
  std::string name;
  std::string kind;         // "http"
  std::string description;  // "GET http://10.77.0.11:8080/health"
  std::string from;         // "controller", "clients" or a host's name
  double passed_min = 1;    // of those that count, in [0, 1]
  std::vector<ProbeSample> samples;
};

}  // namespace fracas::controller
