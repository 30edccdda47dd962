#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/faults/net_prefix.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

// One live TCP connection of a network namespace, as the kernel names it. IPv4 addresses are ::ffff:a.b.c.d.
struct TcpConnection {
  std::array<std::uint8_t, 16> local{};
  std::array<std::uint8_t, 16> remote{};
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  std::uint32_t inode = 0;  // of its socket; 0 while nobody has accepted it
  bool ipv4 = false;        // the socket's family, whatever the addresses look like
  std::uint32_t interface = 0;
  std::array<std::uint32_t, 2> cookie{};
};

bool covers(const NetPrefix& prefix, const std::array<std::uint8_t, 16>& address);

// The TCP connections of the network namespace it was opened in, through NETLINK_SOCK_DIAG; whichever thread calls
// later. Thread: one at a time. Source: sock_diag(7), kernel net/ipv4/inet_diag.c.
class TcpConnections {
 public:
  // In the calling thread's network namespace. ERRORS: errno's text.
  static Result<TcpConnections> open();

  // Everything that is connected or connecting, to peers in `peers`; empty: to anybody. The kernel does the choosing.
  // Listening sockets and those that only wait for time to pass are never listed.
  Result<std::vector<TcpConnection>> list(const std::vector<NetPrefix>& peers);

  // Ends them as an administrator does: the local side gets ECONNABORTED, the peer a RST. Returns how many were still
  // there. REQUIRES: CAP_NET_ADMIN. ERRORS: EOPNOTSUPP where the kernel lacks CONFIG_INET_DIAG_DESTROY; others are
  // ended all the same.
  Result<std::size_t> cut(const std::vector<TcpConnection>& connections);

  // ERRORS: what `cut` lacks here, by asking for the end of a connection that does not exist.
  Status probe();

 private:
  explicit TcpConnections(os::UniqueFd socket) : socket_(std::move(socket)) {}
  Status list_family(bool ipv4, const std::vector<std::uint8_t>& filter, std::vector<TcpConnection>& found);
  Result<std::size_t> cut_some(const TcpConnection* first, std::size_t count);

  os::UniqueFd socket_;
};

}  // namespace fracas::agent
