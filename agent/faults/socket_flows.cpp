#include "agent/faults/socket_flows.h"

#include <cerrno>

#include <fmt/format.h>

#include "lib/model/fault.pb.h"

namespace fracas::agent {

Status check_tcp_flows(std::string_view kind, const model::NetFlows& flows) {
  if (flows.protocol() != model::PROTOCOL_ANY && flows.protocol() != model::PROTOCOL_TCP)
    return failure(fmt::format("{} acts on TCP connections alone", kind), EINVAL);
  if (auto right = model::check_flows(flows); !right)
    return failure(fmt::format("{}: {}", kind, right.error().message), EINVAL);
  return {};
}

std::vector<model::PortRange> ports_of(const model::NetFlows& flows) {
  std::vector<model::PortRange> ports;
  for (const std::string& text : flows.ports())
    if (const auto range = model::parse_port_range(text)) ports.push_back(*range);
  return ports;
}

double share_of(const model::NetFlows& flows) {
  return flows.share() > 0 ? flows.share() : 1;
}

}  // namespace fracas::agent
