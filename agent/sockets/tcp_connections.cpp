#include "agent/sockets/tcp_connections.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/sockets/diag_filter.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kBatch = 128;  // ends asked for in one send; their answers must fit into the socket's buffer
constexpr std::uint32_t kLiveStates = ~(1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << TCP_CLOSE);
constexpr int kReceiveBytes = 1 << 20;

using Buffer = std::array<std::uint8_t, 65536>;

std::array<std::uint8_t, 16> address_of(const __be32* words, bool ipv4) {
  std::array<std::uint8_t, 16> address{};
  if (!ipv4) {
    std::memcpy(address.data(), words, address.size());
    return address;
  }
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, words, 4);
  return address;
}

void put_address(__be32* words, const std::array<std::uint8_t, 16>& address, bool ipv4) {
  std::memcpy(words, address.data() + (ipv4 ? 12 : 0), ipv4 ? 4 : 16);
}

TcpConnection connection_of(const inet_diag_msg& message) {
  TcpConnection made;
  made.ipv4 = message.idiag_family == AF_INET;
  made.local = address_of(message.id.idiag_src, made.ipv4);
  made.remote = address_of(message.id.idiag_dst, made.ipv4);
  made.local_port = ntohs(message.id.idiag_sport);
  made.remote_port = ntohs(message.id.idiag_dport);
  made.inode = message.idiag_inode;
  made.interface = message.id.idiag_if;
  made.cookie = {message.id.idiag_cookie[0], message.id.idiag_cookie[1]};
  return made;
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

Request request(unsigned short type, unsigned short flags, bool ipv4) {
  Request made{};
  made.header.nlmsg_len = sizeof made;
  made.header.nlmsg_type = type;
  made.header.nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | flags);
  made.body.sdiag_family = ipv4 ? AF_INET : AF_INET6;
  made.body.sdiag_protocol = IPPROTO_TCP;
  return made;
}

Request end_request(const TcpConnection& connection) {
  Request made = request(SOCK_DESTROY, NLM_F_ACK, connection.ipv4);
  made.body.id.idiag_sport = htons(connection.local_port);
  made.body.id.idiag_dport = htons(connection.remote_port);
  put_address(made.body.id.idiag_src, connection.local, connection.ipv4);
  put_address(made.body.id.idiag_dst, connection.remote, connection.ipv4);
  made.body.id.idiag_if = connection.interface;
  made.body.id.idiag_cookie[0] = connection.cookie[0];
  made.body.id.idiag_cookie[1] = connection.cookie[1];
  return made;
}

// Calls `visit` for each message of one datagram. ERRORS: errno's text.
template <typename Visit>
Status receive(int socket, Buffer& buffer, const Visit& visit) {
  ssize_t got = 0;
  do {
    got = ::recv(socket, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return system_failure("read from NETLINK_SOCK_DIAG");
  auto left = static_cast<unsigned>(got);
  for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(header, left);
       header = NLMSG_NEXT(header, left))
    visit(*header);
  return {};
}

const void* payload(const nlmsghdr& header) {
  return reinterpret_cast<const std::uint8_t*>(&header) + NLMSG_HDRLEN;
}

int error_of(const nlmsghdr& header) {
  nlmsgerr answer{};
  std::memcpy(&answer, payload(header), sizeof answer);
  return -answer.error;
}

}  // namespace

bool covers(const NetPrefix& prefix, const std::array<std::uint8_t, 16>& address) {
  for (unsigned bit = 0; bit < prefix.length; bit += 8) {
    const unsigned kept = std::min(8U, prefix.length - bit);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> kept);
    if (((prefix.address[bit / 8] ^ address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

Result<TcpConnections> TcpConnections::open() {
  os::UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return system_failure("open NETLINK_SOCK_DIAG");
  // A kernel that does not answer must not hold the agent.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes);
  return TcpConnections(std::move(socket));
}

Status TcpConnections::list_family(bool ipv4, const std::vector<std::uint8_t>& filter,
                                   std::vector<TcpConnection>& found) {
  Request asked = request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, ipv4);
  asked.body.idiag_states = kLiveStates;
  nlattr attribute{};
  attribute.nla_type = INET_DIAG_REQ_BYTECODE;
  attribute.nla_len = static_cast<unsigned short>(sizeof attribute + filter.size());
  if (!filter.empty()) asked.header.nlmsg_len += attribute.nla_len;
  std::vector<std::uint8_t> bytes(sizeof asked + sizeof attribute + filter.size());
  std::memcpy(bytes.data(), &asked, sizeof asked);
  std::memcpy(bytes.data() + sizeof asked, &attribute, sizeof attribute);
  std::copy(filter.begin(), filter.end(), bytes.begin() + sizeof asked + sizeof attribute);
  if (::send(socket_.get(), bytes.data(), asked.header.nlmsg_len, 0) < 0) return system_failure("list TCP connections");
  Buffer buffer{};
  bool done = false;
  int error = 0;
  while (!done) {
    auto received = receive(socket_.get(), buffer, [&](const nlmsghdr& header) {
      if (header.nlmsg_type == NLMSG_DONE) done = true;
      if (header.nlmsg_type == NLMSG_ERROR) {
        error = error_of(header);
        done = true;
      }
      if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return;
      inet_diag_msg message{};
      std::memcpy(&message, payload(header), sizeof message);
      found.push_back(connection_of(message));
    });
    if (!received) return received;
  }
  if (error != 0) return system_failure("list TCP connections", error);
  return {};
}

Result<std::vector<TcpConnection>> TcpConnections::list(const std::vector<NetPrefix>& peers) {
  std::vector<std::uint8_t> filter;
  if (!peers.empty() && peers.size() <= kDiagPeersMax) filter = diag_filter(peers);
  std::vector<TcpConnection> found;
  for (const bool ipv4 : {true, false})
    if (auto listed = list_family(ipv4, filter, found); !listed) return failure(std::move(listed).error());
  // Also what the kernel chose: an IPv6 prefix around ::ffff:0:0/96 is not meant to cover IPv4.
  std::erase_if(found, [&peers](const TcpConnection& connection) {
    return !peers.empty() && std::none_of(peers.begin(), peers.end(), [&connection](const NetPrefix& peer) {
      return covers(peer, connection.remote);
    });
  });
  return found;
}

Result<std::size_t> TcpConnections::cut(const std::vector<TcpConnection>& connections) {
  std::size_t ended = 0;
  for (std::size_t first = 0; first < connections.size(); first += kBatch) {
    auto some = cut_some(connections.data() + first, std::min(kBatch, connections.size() - first));
    if (!some) return some;
    ended += *some;
  }
  return ended;
}

Result<std::size_t> TcpConnections::cut_some(const TcpConnection* first, std::size_t count) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < count; ++i) requests.push_back(end_request(first[i]));
  if (::send(socket_.get(), requests.data(), requests.size() * sizeof(Request), 0) < 0)
    return system_failure("end TCP connections");
  Buffer buffer{};
  std::size_t answered = 0;
  std::size_t ended = 0;
  int error = 0;
  while (answered < count) {
    auto received = receive(socket_.get(), buffer, [&](const nlmsghdr& header) {
      if (header.nlmsg_type != NLMSG_ERROR) return;
      ++answered;
      const int code = error_of(header);
      if (code == 0) ++ended;
      if (code != 0 && code != ENOENT) error = code;  // ENOENT: it has ended by itself
    });
    if (!received) return failure(std::move(received).error());
  }
  if (error == EOPNOTSUPP) return failure("SOCK_DESTROY: this kernel lacks CONFIG_INET_DIAG_DESTROY", EOPNOTSUPP);
  if (error != 0) return system_failure("SOCK_DESTROY", error);
  return ended;
}

Status TcpConnections::probe() {
  TcpConnection nobody;
  nobody.ipv4 = true;
  nobody.local = nobody.remote = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 255, 255, 254};
  nobody.local_port = nobody.remote_port = 1;
  nobody.cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE};
  auto ended = cut_some(&nobody, 1);
  if (!ended) return failure(std::move(ended).error());
  return {};
}

}  // namespace fracas::agent
