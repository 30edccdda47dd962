#include <linux/inet_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "agent/sockets/diag_filter.h"
#include "agent/sockets/tcp_connections.h"
#include "tests/catch/catch.h"

namespace fracas::agent {
namespace {

NetPrefix prefix(const std::string& text) {
  return parse_net_prefix(text).value();
}

// What the kernel does with such a program: net/ipv4/inet_diag.c, inet_diag_bc_run, for a socket of either family.
bool kernel_keeps(const std::vector<std::uint8_t>& code, const NetPrefix& remote) {
  auto left = static_cast<long>(code.size());
  while (left > 0) {
    const std::uint8_t* at = code.data() + (static_cast<long>(code.size()) - left);
    inet_diag_bc_op step{};
    std::memcpy(&step, at, sizeof step);
    bool yes = false;
    if (step.code == INET_DIAG_BC_D_COND) {
      inet_diag_hostcond condition{};
      std::memcpy(&condition, at + sizeof step, sizeof condition);
      NetPrefix range;
      range.ipv4 = condition.family == AF_INET;
      range.length = condition.prefix_len + (range.ipv4 ? 96U : 0U);
      const std::size_t bytes = range.ipv4 ? 4 : 16;
      if (range.ipv4) range.address[10] = range.address[11] = 0xff;
      std::memcpy(range.address.data() + 16 - bytes, at + sizeof step + sizeof condition, bytes);
      yes = range.ipv4 == remote.ipv4 && covers(range, remote.address);
    }
    left -= yes ? step.yes : step.no;
  }
  return left == 0;
}

// What the kernel asks of every program: inet_diag_bc_audit, in short.
bool kernel_accepts(const std::vector<std::uint8_t>& code) {
  std::vector<std::size_t> starts;
  std::size_t at = 0;
  for (; at < code.size(); at += code[at + 1]) starts.push_back(at);
  if (at != code.size()) return false;
  for (const std::size_t start : starts) {
    inet_diag_bc_op step{};
    std::memcpy(&step, code.data() + start, sizeof step);
    const std::size_t to = start + step.no;
    const bool inside = std::find(starts.begin(), starts.end(), to) != starts.end();
    if (!inside && to != code.size() && to != code.size() + 4) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("diag filter: keeps exactly what one of the prefixes covers", "[unit][agent]") {
  const auto code = diag_filter({prefix("10.1.0.0/16"), prefix("fd00::/8"), prefix("10.9.9.9")});
  CHECK(kernel_accepts(code));
  CHECK(kernel_keeps(code, prefix("10.1.2.3")));
  CHECK(kernel_keeps(code, prefix("fd77::1")));
  CHECK(kernel_keeps(code, prefix("10.9.9.9")));
  CHECK_FALSE(kernel_keeps(code, prefix("10.2.2.3")));
  CHECK_FALSE(kernel_keeps(code, prefix("fe80::1")));
  CHECK_FALSE(kernel_keeps(code, prefix("10.9.9.8")));
}

TEST_CASE("diag filter: one prefix is the smallest program, a thousand still fit its jumps", "[unit][agent]") {
  CHECK(diag_filter({prefix("10.0.0.1")}).size() == 16);
  const std::vector<NetPrefix> many(kDiagPeersMax, prefix("fd00::1"));
  const auto code = diag_filter(many);
  CHECK(code.size() < 65536);
  CHECK(kernel_accepts(code));
  CHECK(kernel_keeps(code, prefix("fd00::1")));
  CHECK_FALSE(kernel_keeps(code, prefix("fd00::2")));
}

TEST_CASE("covers: compares the prefix's bits and no more", "[unit][agent]") {
  CHECK(covers(prefix("10.128.0.0/9"), prefix("10.200.1.1").address));
  CHECK_FALSE(covers(prefix("10.128.0.0/9"), prefix("10.100.1.1").address));
  CHECK(covers(prefix("::/0"), prefix("fd00::1").address));
}

}  // namespace fracas::agent
