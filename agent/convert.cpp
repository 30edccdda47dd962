#include "agent/convert.h"

#include "lib/model/proto_time.h"

namespace fracas::agent {

Order order_from(const model::PrepareRequest& request) {
  return {.id = request.id(), .injection = request.injection(), .lease = model::from_proto(request.lease())};
}

ServiceSpec service_from(const model::StartServiceRequest& request) {
  return {.name = request.name(),
          .argv = {request.argv().begin(), request.argv().end()},
          .working_directory = request.working_directory(),
          .output = request.output()};
}

void fill(const FaultReport& report, model::Counters& counters) {
  counters.set_id(report.id);
  counters.set_mechanism(report.mechanism);
  counters.set_matched(report.counters.matched);
  counters.set_affected(report.counters.affected);
  counters.set_bytes(report.counters.bytes);
  counters.set_first_ns(report.counters.first_ns);
  counters.set_last_ns(report.counters.last_ns);
  for (const std::string& process : report.processes) counters.add_processes(process);
}

void fill(const FaultSupport& support, model::FaultSupport& message) {
  message.set_kind(support.kind);
  message.set_available(support.available);
  message.set_mechanism(support.mechanism);
  message.set_accuracy(support.accuracy);
  message.set_missing(support.missing);
}

void fill(const HealOutcome& outcome, model::HealReply& reply) {
  for (const std::string& line : outcome.reverted) reply.add_reverted(line);
  for (const std::string& line : outcome.leftovers) reply.add_leftovers(line);
}

}  // namespace fracas::agent
