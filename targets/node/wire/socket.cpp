#include "targets/node/wire/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace fracas::node {
namespace {

void set_option(int fd, int level, int option, int value) {
  // Tuning only: a kernel that refuses it still carries the connection.
  static_cast<void>(setsockopt(fd, level, option, &value, sizeof(value)));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Result<UniqueFd> stream_socket(const Address& address) {
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return system_failure("socket");
  return fd;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const auto wrong = [&] {
    return failure(
        fmt::format("\"{}\" is not an address; write it like \"10.0.0.1:7000\" or \"[fd00::1]:7000\"", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string host(text.substr(0, colon));
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return wrong();

  Address address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    sockaddr_in6 ip{};
    ip.sin6_family = AF_INET6;
    ip.sin6_port = htons(*port);
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ip.sin6_addr) != 1) return wrong();
    std::memcpy(&address.storage, &ip, sizeof(ip));
    address.size = sizeof(ip);
    return address;
  }
  sockaddr_in ip{};
  ip.sin_family = AF_INET;
  ip.sin_port = htons(*port);
  if (inet_pton(AF_INET, host.c_str(), &ip.sin_addr) != 1) return wrong();
  std::memcpy(&address.storage, &ip, sizeof(ip));
  address.size = sizeof(ip);
  return address;
}

Result<std::variant<Address, NamedAddress>> parse_peer_address(std::string_view text) {
  if (auto address = parse_address(text)) return *address;
  const std::size_t colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_port(text.substr(colon + 1));
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  // What is made of digits alone was meant as an address.
  const bool named = std::any_of(host.begin(), host.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  if (!port || !named || host.size() > 253 || !std::all_of(host.begin(), host.end(), plain))
    return failure(fmt::format(
        "\"{}\" is not an address; write it like \"10.0.0.1:7000\", \"[fd00::1]:7000\" or \"n1.lab:7000\"", text));
  return NamedAddress{std::string(host), *port};
}

Address with_port(Address address, std::uint16_t port) {
  // The port is in the same place in both families.
  reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  return address;
}

Result<UniqueFd> listen_on(const Address& address) {
  auto fd = stream_socket(address);
  if (!fd) return fd;
  set_option(fd->get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.storage.ss_family == AF_INET6) set_option(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind(fd->get(), address.raw(), address.size) != 0) return system_failure("bind");
  if (listen(fd->get(), 1024) != 0) return system_failure("listen");
  return fd;
}

Result<UniqueFd> start_connect(const Address& address) {
  auto fd = stream_socket(address);
  if (!fd) return fd;
  tune_connection(fd->get());
  if (connect(fd->get(), address.raw(), address.size) != 0 && errno != EINPROGRESS) return system_failure("connect");
  return fd;
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

void tune_connection(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

}  // namespace fracas::node
