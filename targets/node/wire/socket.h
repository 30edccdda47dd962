#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::node {

using os::UniqueFd;

// Where a member listens: an IPv4 or IPv6 literal and a port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Reads "10.77.0.1:7000" or "[fd00::1]:7000"; names are not resolved. Port 1 to 65535.
// ERRORS: one line that names the text.
Result<Address> parse_address(std::string_view text);

// A member's place under a host name, which is looked up when it is dialled.
struct NamedAddress {
  std::string host;
  std::uint16_t port = 0;
};

// As parse_address, or "n2.lab:7000": letters, digits, "-", "_" and ".".
Result<std::variant<Address, NamedAddress>> parse_peer_address(std::string_view text);

// The same host at another port.
Address with_port(Address address, std::uint16_t port);

// A listening, non-blocking, close-on-exec socket that may be bound again at once. ERRORS: EADDRINUSE, EADDRNOTAVAIL, …
Result<UniqueFd> listen_on(const Address& address);

// Starts to connect without waiting: the socket is writable once connected or failed (SO_ERROR tells).
// It sends without delay. ERRORS: what connect(2) refuses at once.
Result<UniqueFd> start_connect(const Address& address);

// The pending error of a socket, 0 = none: what became of start_connect.
int socket_error(int fd);

// Small frames leave at once; the other end's silence is noticed within about 30 s even while nothing is sent.
void tune_connection(int fd);

}  // namespace fracas::node
