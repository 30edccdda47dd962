#include "agent/faults/socket_ports.h"

#include <fmt/format.h>
#include <google/protobuf/repeated_field.h>

#include <cerrno>

namespace fracas::agent {
namespace {

constexpr int kPortsMax = 1024;

}  // namespace

Status check_ports(std::string_view kind, const PortField& ports) {
  if (ports.size() > kPortsMax) return failure(fmt::format("{} takes at most {} ports", kind, kPortsMax), EINVAL);
  for (const std::uint32_t port : ports)
    if (port < 1 || port > 65535) return failure(fmt::format("{}: {} is no port, 1 to 65535", kind, port), EINVAL);
  return {};
}

std::vector<std::uint16_t> to_ports(const PortField& ports) {
  std::vector<std::uint16_t> plain;
  for (const std::uint32_t port : ports) plain.push_back(static_cast<std::uint16_t>(port));
  return plain;
}

}  // namespace fracas::agent
