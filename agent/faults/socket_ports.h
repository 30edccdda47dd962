#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace google::protobuf {
template <typename Element>
class RepeatedField;
}

namespace fracas::agent {

using PortField = google::protobuf::RepeatedField<std::uint32_t>;

// The ports of an order. ERRORS of the check: EINVAL: one is not 1 to 65535, or there are more than 1024.
Status check_ports(std::string_view kind, const PortField& ports);
// REQUIRES: check_ports.
std::vector<std::uint16_t> to_ports(const PortField& ports);

}  // namespace fracas::agent
