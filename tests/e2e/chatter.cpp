#include "tests/e2e/chatter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <iterator>
#include <stdexcept>

#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::test {
namespace {

constexpr std::uint16_t kPort = 7999;
constexpr std::int64_t kPause_ns = 1'000'000;

sockaddr_in address_of(const std::string& ipv4) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  ::inet_pton(AF_INET, ipv4.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* raw(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Chatter::Chatter(std::vector<Member> members) : members_(std::move(members)) {
  for (const Member& member : members_)
    threads_.emplace_back([this, &member](const std::stop_token& stopping) { talk(member, stopping); });
}

Chatter::~Chatter() {
  threads_.clear();
}

void Chatter::talk(const Member& member, const std::stop_token& stopping) {
  if (!member.netns.enter()) throw std::runtime_error("a host's namespace cannot be entered");
  const os::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in own = address_of(member.ipv4);
  if (::bind(socket.get(), raw(own), sizeof own) != 0) throw std::runtime_error("the chatter's port is taken");
  while (!stopping.stop_requested()) {
    for (const Member& other : members_) {
      if (&other == &member) continue;
      const sockaddr_in to = address_of(other.ipv4);
      const std::int64_t now_ns = os::boot_now_ns();
      ::sendto(socket.get(), &now_ns, sizeof now_ns, 0, raw(to), sizeof to);
    }
    std::int64_t sent_ns = 0;
    while (::recv(socket.get(), &sent_ns, sizeof sent_ns, 0) == sizeof sent_ns) {
      const std::scoped_lock lock(mutex_);
      sent_ns_.insert(sent_ns);
    }
    os::sleep_until_boot_ns(os::boot_now_ns() + kPause_ns);
  }
}

std::size_t Chatter::arrived_of(std::int64_t from_ns, std::int64_t to_ns) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(std::distance(sent_ns_.lower_bound(from_ns), sent_ns_.lower_bound(to_ns)));
}

}  // namespace fracas::test
