#include "agent/metrics.h"

#include <algorithm>
#include <map>
#include <utility>

#include "agent/catalogue.h"
#include "lib/metrics/exposition.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/pki/certificate.h"

namespace fracas::agent {
namespace {

// The kind of a held fault and what it does now.
std::pair<std::string, std::string> describe(const HeldFault& fault, std::int64_t now_ns) {
  model::Injection injection;
  injection.ParseFromString(fault.injection);
  const FaultKind* kind = kind_of(injection);
  const bool armed = fault.window.end_ns != 0;
  const char* state = !armed ? "prepared" : now_ns < fault.window.start_ns ? "armed" : "acting";
  return {kind == nullptr ? "unknown" : std::string(kind->name), state};
}

void add_held(Agent& agent, std::int64_t now_ns, metrics::Exposition& to) {
  std::map<std::pair<std::string, std::string>, double> held;
  for (const HeldFault& fault : agent.faults().held()) held[describe(fault, now_ns)] += 1;
  const char* help = "Faults that are held, by what they do now.";
  if (held.empty()) to.gauge("fracas_agent_faults", help, 0, {{"kind", "none"}, {"state", "acting"}});
  for (const auto& [what, number] : held)
    to.gauge("fracas_agent_faults", help, number, {{"kind", what.first}, {"state", what.second}});
}

void add_totals(Agent& agent, metrics::Exposition& to) {
  const auto totals = agent.faults().totals();
  const auto family = [&](const char* name, const char* help, std::uint64_t KindTotals::*number) {
    to.empty_counter(name, help);
    for (const auto& [kind, of_kind] : totals)
      to.counter(name, help, static_cast<double>(of_kind.*number), {{"kind", kind}});
  };
  family("fracas_agent_faults_prepared_total", "Faults that were prepared.", &KindTotals::prepared);
  family("fracas_agent_faults_ended_total", "Faults that are over and undone.", &KindTotals::ended);
  family("fracas_agent_affected_total", "What faults that are over affected: packets, calls, processes.",
         &KindTotals::affected);
}

void add_calls(const CallCounter& calls, metrics::Exposition& to) {
  const char* help = "Calls of controllers that were answered.";
  to.empty_counter("fracas_agent_calls_total", help);
  for (const auto& [call, number] : calls.counts())
    to.counter("fracas_agent_calls_total", help, static_cast<double>(number),
               {{"method", call.first}, {"status", call.second}});
}

void add_certificate(const std::filesystem::path& file, metrics::Exposition& to) {
  const auto pem = os::read_file(file);
  const auto facts = pem ? pki::read_certificate(*pem) : failure("no certificate");
  to.gauge("fracas_agent_certificate_expiry_timestamp_seconds",
           "When the agent's certificate expires, in seconds since 1970; 0 if it cannot be read.",
           facts ? static_cast<double>(facts->valid_to_s) : 0);
}

}  // namespace

std::string metrics_text(Agent& agent, const CallCounter& calls, const std::filesystem::path& certificate) {
  metrics::Exposition now;
  const std::int64_t now_ns = os::boot_now_ns();
  add_held(agent, now_ns, now);
  add_totals(agent, now);
  add_calls(calls, now);
  const std::int64_t lease_ns = std::max<std::int64_t>(0, agent.faults().lease_end_ns() - now_ns);
  now.gauge("fracas_agent_lease_seconds", "What is left of the lease of the controller that was heard last.",
            static_cast<double>(lease_ns) / 1e9);
  now.gauge("fracas_agent_drained", "1 while faults are refused: drained or frozen.", agent.drained() ? 1 : 0);
  add_certificate(certificate, now);
  now.gauge("fracas_agent_build_info", "1, with the version of the agent.", 1, {{"version", FRACAS_VERSION}});
  now.process();
  return now.text();
}

}  // namespace fracas::agent
