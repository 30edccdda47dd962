#include "tests/e2e/wire_recorder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace fracas::test {
namespace {

sockaddr_in here(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

os::UniqueFd connect_to(int port) {
  os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = here(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect failed");
  return socket;
}

// What is there to be read; empty at the end of the connection.
std::string read_some(int socket) {
  std::array<char, 16384> bytes{};
  const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : "";
}

void send_all(int socket, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t done = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (done <= 0) return;  // the other side has closed: what it said is read
    sent += static_cast<std::size_t>(done);
  }
}

}  // namespace

WireRecorder::WireRecorder(int server_port) : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = here(0);
  socklen_t size = sizeof address;
  if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening_.get(), 1) != 0 ||
      ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("listen failed");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, server_port] { pass_on(server_port); });
}

WireRecorder::~WireRecorder() {
  ::shutdown(listening_.get(), SHUT_RDWR);  // if nobody came
  if (thread_.joinable()) thread_.join();
}

std::string WireRecorder::recorded() {
  thread_.join();
  return recorded_;
}

void WireRecorder::pass_on(int server_port) {
  const os::UniqueFd client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client) return;
  const os::UniqueFd server = connect_to(server_port);
  for (;;) {
    std::array<pollfd, 2> waiting{pollfd{.fd = client.get(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = server.get(), .events = POLLIN, .revents = 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    const bool from_client = waiting[0].revents != 0;
    const std::string bytes = read_some(from_client ? client.get() : server.get());
    if (bytes.empty()) return;
    if (from_client) recorded_ += bytes;
    send_all(from_client ? server.get() : client.get(), bytes);
  }
}

std::string send_bytes(int port, const std::string& bytes) {
  const os::UniqueFd socket = connect_to(port);
  send_all(socket.get(), bytes);
  std::string answer;
  for (std::string more = read_some(socket.get()); !more.empty(); more = read_some(socket.get())) answer += more;
  return answer;
}

}  // namespace fracas::test
