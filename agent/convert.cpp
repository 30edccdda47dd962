#include "agent/convert.h"

#include <cerrno>
#include <csignal>
#include <limits>

namespace fracas::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

NetRule net_rule(const char* kind, const model::NetRule& message) {
  NetRule rule;
  rule.kind = kind;
  rule.from.assign(message.from().begin(), message.from().end());
  rule.to.assign(message.to().begin(), message.to().end());
  // A partition drops everything in its scope, whatever the message says.
  rule.loss = rule.kind == "net.partition" ? 1.0 : message.loss();
  rule.delay = duration_from(message.delay());
  rule.jitter = duration_from(message.jitter());
  rule.seed = message.seed();
  return rule;
}

Result<int> signal_number(model::Signal signal) {
  switch (signal) {
    case model::SIGNAL_KILL:
      return SIGKILL;
    case model::SIGNAL_TERM:
      return SIGTERM;
    case model::SIGNAL_INT:
      return SIGINT;
    case model::SIGNAL_HUP:
      return SIGHUP;
    case model::SIGNAL_QUIT:
      return SIGQUIT;
    case model::SIGNAL_ABRT:
      return SIGABRT;
    default:
      return failure("process.kill: unknown signal " + std::to_string(static_cast<int>(signal)), EINVAL);
  }
}

Result<Injection> kill_rule(const model::ProcessRule& message) {
  ProcessKillRule rule;
  rule.services.assign(message.services().begin(), message.services().end());
  auto number = signal_number(message.signal());
  if (!number) return failure(std::move(number).error());
  rule.signal = *number;
  if (message.has_restart_after()) rule.restart_after = duration_from(message.restart_after());
  return Injection(std::move(rule));
}

Result<Injection> injection_from(const model::Injection& message) {
  switch (message.kind_case()) {
    case model::Injection::kNetPartition:
      return Injection(net_rule("net.partition", message.net_partition()));
    case model::Injection::kNetLoss:
      return Injection(net_rule("net.loss", message.net_loss()));
    case model::Injection::kNetDelay:
      return Injection(net_rule("net.delay", message.net_delay()));
    case model::Injection::kProcessKill:
      return kill_rule(message.process_kill());
    case model::Injection::kProcessPause: {
      const auto& services = message.process_pause().services();
      return Injection(ProcessPauseRule{.services = {services.begin(), services.end()}});
    }
    case model::Injection::KIND_NOT_SET:
      break;
  }
  return failure("the injection's kind is missing, or newer than this agent", EINVAL);
}

}  // namespace

Result<Order> order_from(const model::PrepareRequest& request) {
  auto injection = injection_from(request.injection());
  if (!injection) return failure(std::move(injection).error());
  return Order{.id = request.id(), .injection = std::move(*injection), .lease = duration_from(request.lease())};
}

ServiceSpec service_from(const model::StartServiceRequest& request) {
  return {.name = request.name(),
          .argv = {request.argv().begin(), request.argv().end()},
          .working_directory = request.working_directory(),
          .output = request.output()};
}

// Saturates: what does not fit into 64 bits of nanoseconds is far outside of every allowed range anyway.
Duration duration_from(const google::protobuf::Duration& duration) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kSecond - 1;
  if (duration.seconds() > kSecondsMax) return Duration::max();
  if (duration.seconds() < -kSecondsMax) return Duration::min();
  return Duration(duration.seconds() * kSecond + duration.nanos());
}

void fill(const FaultReport& report, model::Counters& counters) {
  counters.set_id(report.id);
  counters.set_mechanism(report.mechanism);
  counters.set_matched(report.counters.matched);
  counters.set_affected(report.counters.affected);
  counters.set_bytes(report.counters.bytes);
  counters.set_first_ns(report.counters.first_ns);
  counters.set_last_ns(report.counters.last_ns);
}

void fill(const NetSupport& support, model::FaultSupport& message) {
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
