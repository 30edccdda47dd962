#include "controller/probe/probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "controller/probe/probe_kinds.h"
#include "controller/probe/workload_meter.h"
#include "controller/target/user_command.h"
#include "lib/base/ensure.h"
#include "lib/model/probe.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

Judged ask(const model::ProbeSpec& spec, const ProbeRoom& room, std::int64_t deadline_ns) {
  switch (spec.kind_case()) {
    case model::ProbeSpec::kHttp:
      return ask_http(spec.http(), room, deadline_ns);
    case model::ProbeSpec::kTcp:
      return ask_tcp(spec.tcp(), room, deadline_ns);
    case model::ProbeSpec::kCommand:
      return ask_command(spec.command(), room, deadline_ns);
    case model::ProbeSpec::kPrometheus:
      return ask_prometheus(spec.prometheus(), room, deadline_ns);
    case model::ProbeSpec::kWorkload:
    case model::ProbeSpec::KIND_NOT_SET:
      break;
  }
  ensure(false, "a probe that asks somebody is measured");
  return {};
}

}  // namespace

Measurement measure(const model::ProbeSpec& spec, const ProbeRoom& room) {
  Measurement measurement;
  measurement.time_ns = os::boot_now_ns();
  Judged judged = ask(spec, room, measurement.time_ns + model::from_proto(spec.timeout()).count());
  measurement.took_ns = os::boot_now_ns() - measurement.time_ns;
  measurement.passed = judged.passed;
  measurement.value = judged.value;
  measurement.says = std::move(judged.says);
  return measurement;
}

Status check_probe(const model::ProbeSpec& spec) {
  if (spec.has_http()) return check_tolerance(spec.http().tolerance());
  if (spec.has_tcp()) return check_tolerance(spec.tcp().tolerance());
  if (!spec.has_command()) return {};
  if (auto program = find_program(spec.command().command(0)); !program) return failure(std::move(program).error());
  return check_tolerance(spec.command().tolerance());
}

std::string describe(const model::ProbeSpec& spec, const std::map<std::string, std::string>& addresses) {
  switch (spec.kind_case()) {
    case model::ProbeSpec::kHttp: {
      const std::string& method = spec.http().method();
      return fmt::format("{} {}",
                         !method.empty()              ? method
                         : spec.http().body().empty() ? "GET"
                                                      : "POST",
                         with_addresses(spec.http().url(), addresses, true));
    }
    case model::ProbeSpec::kTcp:
      return "connect to " + with_addresses(spec.tcp().address(), addresses, true);
    case model::ProbeSpec::kCommand: {
      std::vector<std::string> words(spec.command().command().begin(), spec.command().command().end());
      return with_addresses(fmt::format("{}", fmt::join(words, " ")), addresses, false);
    }
    case model::ProbeSpec::kPrometheus:
      return spec.prometheus().query();
    case model::ProbeSpec::kWorkload:
      return workload_goals(spec.workload()).text();
    case model::ProbeSpec::KIND_NOT_SET:
      break;
  }
  return {};
}

std::string with_addresses(std::string text, const std::map<std::string, std::string>& addresses, bool bracketed) {
  for (const auto& [name, address] : addresses) {
    const std::string placeholder = "{" + name + "}";
    const std::string value = bracketed && address.find(':') != std::string::npos ? "[" + address + "]" : address;
    for (std::size_t at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at))
      text.replace(at, placeholder.size(), value);
  }
  return text;
}

}  // namespace fracas::controller
