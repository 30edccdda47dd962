#pragma once
#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string_view>

#include "lib/base/result.h"

// Who has a port. Source: proc(5), /proc/net/tcp, tcp6, udp, udp6 and /proc/PID/fd.
namespace fracas::agent {

enum class Transport { tcp, udp };

// The inodes of sockets in such a table that listen on the port (TCP), or are bound to it (UDP). Pure.
std::set<std::uint64_t> sockets_on_port(std::string_view table, Transport transport, std::uint16_t port);

// Those of this program's network namespace, of all four tables. ERRORS: none of them can be read.
Result<std::set<std::uint64_t>> listening_sockets(std::uint16_t port);

// Whether a process has one of them open.
bool has_socket(pid_t pid, const std::set<std::uint64_t>& inodes);

}  // namespace fracas::agent
