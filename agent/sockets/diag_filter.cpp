#include "agent/sockets/diag_filter.h"

#include <linux/inet_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "lib/base/ensure.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kMappedBytes = 12;  // of ::ffff:0:0 in front of an IPv4 address
constexpr unsigned kMappedBits = 96;

template <typename T>
void append(std::vector<std::uint8_t>& code, const T& value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  code.insert(code.end(), bytes, bytes + sizeof value);
}

inet_diag_bc_op operation(unsigned char code, std::size_t yes, std::size_t no) {
  inet_diag_bc_op made{};
  made.code = code;
  made.yes = static_cast<unsigned char>(yes);
  made.no = static_cast<unsigned short>(no);
  return made;
}

std::size_t condition_size(const NetPrefix& peer) {
  return sizeof(inet_diag_bc_op) + sizeof(inet_diag_hostcond) + (peer.ipv4 ? 4 : 16);
}

void append_condition(std::vector<std::uint8_t>& code, const NetPrefix& peer) {
  const std::size_t size = condition_size(peer);
  // Where it does not hold, the jump behind it is skipped: to the next condition, or past the end, which is "no".
  append(code, operation(INET_DIAG_BC_D_COND, size, size + sizeof(inet_diag_bc_op)));
  inet_diag_hostcond condition{};
  condition.family = peer.ipv4 ? AF_INET : AF_INET6;
  condition.prefix_len = static_cast<unsigned char>(peer.ipv4 ? peer.length - kMappedBits : peer.length);
  condition.port = -1;
  append(code, condition);
  const auto* first = peer.address.begin() + (peer.ipv4 ? kMappedBytes : 0);
  code.insert(code.end(), first, peer.address.end());
}

}  // namespace

std::vector<std::uint8_t> diag_filter(const std::vector<NetPrefix>& peers) {
  ensure(!peers.empty() && peers.size() <= kDiagPeersMax, "a filter has some peers, and not too many");
  constexpr std::size_t kJump = sizeof(inet_diag_bc_op);
  std::size_t left = 0;
  for (const NetPrefix& peer : peers) left += condition_size(peer) + kJump;
  left -= kJump;  // The last condition falls off the end, which is "yes".
  std::vector<std::uint8_t> code;
  code.reserve(left);
  for (const NetPrefix& peer : peers) {
    append_condition(code, peer);
    left -= condition_size(peer);
    if (left == 0) break;
    append(code, operation(INET_DIAG_BC_JMP, kJump, left));
    left -= kJump;
  }
  return code;
}

}  // namespace fracas::agent
