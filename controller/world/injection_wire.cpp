#include "controller/world/injection_wire.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <csignal>

#include "lib/model/agent.pb.h"

namespace fracas::controller {
namespace {

using google::protobuf::util::TimeUtil;

Result<model::Signal> signal_to_wire(int number) {
  switch (number) {
    case SIGKILL:
      return model::SIGNAL_KILL;
    case SIGTERM:
      return model::SIGNAL_TERM;
    case SIGINT:
      return model::SIGNAL_INT;
    case SIGHUP:
      return model::SIGNAL_HUP;
    case SIGQUIT:
      return model::SIGNAL_QUIT;
    case SIGABRT:
      return model::SIGNAL_ABRT;
    default:
      return failure(fmt::format("signal {} cannot be injected", number));
  }
}

Status write(const NetInjection& net, model::Injection& message) {
  model::NetRule* rule = nullptr;
  switch (net.fault) {
    case NetFault::partition:
      rule = message.mutable_net_partition();
      break;
    case NetFault::loss:
      rule = message.mutable_net_loss();
      break;
    case NetFault::delay:
      rule = message.mutable_net_delay();
      break;
  }
  rule->mutable_from()->Add(net.from.begin(), net.from.end());
  rule->mutable_to()->Add(net.to.begin(), net.to.end());
  rule->set_loss(net.loss);
  *rule->mutable_delay() = TimeUtil::NanosecondsToDuration(net.delay.count());
  *rule->mutable_jitter() = TimeUtil::NanosecondsToDuration(net.jitter.count());
  rule->set_seed(net.seed);
  return {};
}

Status write(const ProcessInjection& process, model::Injection& message) {
  model::ProcessRule* rule =
      process.fault == ProcessFault::kill ? message.mutable_process_kill() : message.mutable_process_pause();
  const auto signal = signal_to_wire(process.signal);
  if (!signal) return failure(signal.error());
  rule->mutable_services()->Add(process.services.begin(), process.services.end());
  rule->set_signal(*signal);
  if (process.restart_after)
    *rule->mutable_restart_after() = TimeUtil::NanosecondsToDuration(process.restart_after->count());
  return {};
}

}  // namespace

Status to_wire(const Injection& injection, model::Injection& message) {
  return std::visit([&message](const auto& fault) { return write(fault, message); }, injection);
}

}  // namespace fracas::controller
