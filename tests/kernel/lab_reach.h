#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "lib/os/fd.h"
#include "lib/os/netns.h"

// Who hears whom on a network, found out by one datagram from each to each.
namespace fracas::tests {

struct Station {
  const os::NetNamespace* netns;
  std::string address;  // IPv4 or IPv6
};

inline constexpr std::uint16_t kReachPort = 9999;

inline socklen_t socket_address(const std::string& text, sockaddr_storage& storage) {
  storage = {};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(kReachPort);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  ::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(kReachPort);
  return sizeof *v6;
}

inline Result<os::UniqueFd> open_station(const Station& station) {
  os::UniqueFd fd;
  auto done = station.netns->run([&]() -> Status {
    sockaddr_storage address;
    const socklen_t size = socket_address(station.address, address);
    fd.reset(::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
      return system_failure("bind " + station.address);
    return {};
  });
  if (!done) return failure(std::move(done).error());
  return fd;
}

// The distinct texts that arrive at `fd`, until there are `expected` of them or two seconds have passed in silence.
inline std::set<std::string> hear(const os::UniqueFd& fd, std::size_t expected) {
  std::set<std::string> heard;
  while (heard.size() < expected) {
    pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 2000) <= 0) break;
    char text[64];
    const ssize_t size = ::recv(fd.get(), text, sizeof text, 0);
    if (size > 0) heard.insert(std::string(text, static_cast<std::size_t>(size)));
  }
  return heard;
}

// Empty if each hears all the others at once, else what is wrong.
inline std::string unreachable(const std::vector<Station>& stations) {
  std::vector<os::UniqueFd> sockets;
  for (const Station& station : stations) {
    auto fd = open_station(station);
    if (!fd) return fd.error().message;
    sockets.push_back(std::move(*fd));
  }
  for (std::size_t from = 0; from < stations.size(); ++from)
    for (const Station& to : stations) {
      sockaddr_storage address;
      const socklen_t size = socket_address(to.address, address);
      const std::string& text = stations[from].address;
      ::sendto(sockets[from].get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&address), size);
    }
  for (std::size_t to = 0; to < stations.size(); ++to) {
    const auto heard = hear(sockets[to], stations.size());
    if (heard.size() != stations.size()) return stations[to].address + " hears only " + std::to_string(heard.size());
  }
  return {};
}

}  // namespace fracas::tests
