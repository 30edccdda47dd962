// What is no HTTP, too long or cut off ends a connection, never the controller.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/os/fd.h"
#include "tests/catch/catch.h"
#include "tests/e2e/controller.h"

namespace {

using namespace fracas::test;

// Sends the bytes and hangs up; what came back until then.
std::string send_bytes(int port, const std::string& bytes, bool wait) {
  const fracas::os::UniqueFd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  static_cast<void>(::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  std::array<char, 4096> answer{};
  const ssize_t got = wait ? ::recv(connection.get(), answer.data(), answer.size(), 0) : 0;
  return got > 0 ? std::string(answer.data(), static_cast<std::size_t>(got)) : "";
}

std::string random_bytes(fracas::RandomStream& random, const std::string& prefix) {
  std::string bytes = prefix;
  for (std::uint64_t left = random.below(3000); left > 0; --left) bytes += static_cast<char>(random.below(256));
  return bytes;
}

}  // namespace

TEST_CASE("serve: bytes that are no request end their connection, and nothing else", "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "viewer");
  fracas::RandomStream random(3, "garbage");
  const std::vector<std::string> prefixes{"",
                                          "GET ",
                                          "GET /api/v1/me HTTP/1.1\r\n",
                                          "POST /api/v1/runs HTTP/1.1\r\nContent-Length: 100000\r\n\r\n",
                                          "POST /api/v1/runs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                                          "PUT /api/v1/freeze HTTP/1.1\r\nContent-Length: -1\r\n\r\n"};
  for (int i = 0; i < 300; ++i)
    send_bytes(controller.port(), random_bytes(random, prefixes.at(static_cast<std::size_t>(i) % prefixes.size())),
               false);
  const std::string path(10'000, 'a');
  CHECK(send_bytes(controller.port(), "GET /" + path + " HTTP/1.1\r\nHost: x\r\n\r\n", true).find(" 414 ") !=
        std::string::npos);
  const std::string header = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + path + "\r\n\r\n";
  CHECK(send_bytes(controller.port(), header, true).find(" 200 ") == std::string::npos);
  CHECK(controller.get("/healthz", "").status == 200);
  CHECK(controller.get("/api/v1/me", token).status == 200);
}

TEST_CASE("serve: a request that announces no body has none, and is answered at once", "[e2e][serve]") {
  const Scratch scratch;
  Controller controller(scratch);
  const std::string token = controller.add_user("alice", "operator");
  const std::string header = "POST /api/v1/stop HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n";
  CHECK(send_bytes(controller.port(), header, true).find(" 200 ") != std::string::npos);
}
