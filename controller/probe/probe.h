#pragma once
#include <map>
#include <stop_token>
#include <string>

#include "controller/probe/measurement.h"
#include "lib/base/result.h"

// One measurement of a probe, whether a run goes on or not: experiments measure with it, and game days use it as guard.
namespace fracas::model {
class ProbeSpec;
}

namespace fracas::controller {

// Where a probe is measured from, but for the network, which is that of the calling thread.
struct ProbeRoom {
  std::map<std::string, std::string> addresses{};  // what "{n1}" stands for, by host; IPv6 without brackets
  std::stop_token stopping{};                      // ends a measurement at once, as failed
};

// Measures now, on the calling thread and in its network namespace, and returns within the probe's timeout, give or
// take some milliseconds. What goes wrong is a measurement that failed and says why. REQUIRES: check_probe; not a
// workload probe, which looks at a history (workload_meter.h). Thread: any.
Measurement measure(const model::ProbeSpec& spec, const ProbeRoom& room);

// What the reader cannot tell: a regular expression that is none, a program that is not there.
// ERRORS: "matches: missing ]", "there is no program lag in PATH".
Status check_probe(const model::ProbeSpec& spec);

// What is asked, in a few words: "GET http://10.77.0.11:8080/health", "ok-rate over 2s". `addresses` as in ProbeRoom.
std::string describe(const model::ProbeSpec& spec, const std::map<std::string, std::string>& addresses);

}  // namespace fracas::controller
