#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/os/netns.h"

namespace fracas::test {

// Dense UDP traffic from every host to every other, a datagram a millisecond each way. A datagram carries the moment it
// was sent, so that what a fault let through is judged by that moment, however late a busy machine reads it.
class Chatter {
 public:
  struct Member {
    os::NetNamespace netns;
    std::string ipv4;
  };
  explicit Chatter(std::vector<Member> members);
  ~Chatter();

  // How many of the datagrams sent in [from, to) arrived at anybody. Wait a little after `to` before asking.
  std::size_t arrived_of(std::int64_t from_ns, std::int64_t to_ns) const;

 private:
  void talk(const Member& member, const std::stop_token& stopping);

  std::vector<Member> members_;
  mutable std::mutex mutex_;
  std::multiset<std::int64_t> sent_ns_;  // of those that arrived
  std::vector<std::jthread> threads_;
};

}  // namespace fracas::test
