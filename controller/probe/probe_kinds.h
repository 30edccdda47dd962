#pragma once
#include <cstdint>
#include <string>

#include "controller/probe/probe.h"
#include "controller/probe/tolerance.h"
#include "lib/base/quantity.h"

namespace fracas::model {
class CommandProbe;
class HttpProbe;
class PrometheusProbe;
class TcpProbe;
}  // namespace fracas::model

// The kinds of probes, each in its file: ask, and judge the answer. All return by the deadline, CLOCK_BOOTTIME, and
// soon after `room.stopping` is asked to stop.
namespace fracas::controller {

Judged ask_http(const model::HttpProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns);
Judged ask_prometheus(const model::PrometheusProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns);
Judged ask_tcp(const model::TcpProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns);
Judged ask_command(const model::CommandProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns);

// Whether a status is one of "200-299,404". Pure.
bool status_passes(const std::string& allowed, long status);
// What Prometheus answered to a query, held against the probe's range. Pure.
Judged judge_query(const model::PrometheusProbe& probe, const std::string& answer);

// "{n1}" becomes that host's address, in brackets where it is one of IPv6 and `bracketed`; other braces stay.
std::string with_addresses(std::string text, const std::map<std::string, std::string>& addresses, bool bracketed);

// An answer is read up to here.
inline constexpr std::size_t kAnswerMax = 1 << 20;

}  // namespace fracas::controller
