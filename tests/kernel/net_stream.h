#pragma once
#include <chrono>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/kernel/net_pair.h"

namespace fracas::test {

// Sends words that count up, from a to b; whether just these arrive.
inline bool carries_stream(const NetPair& pair, const char* there, std::size_t bytes) {
  const auto flow = tcp_flow(pair.a, pair.b, there, 4000);
  std::vector<std::uint32_t> sent(bytes / 4);
  std::iota(sent.begin(), sent.end(), 0x1234567U);
  std::thread sender([&] {
    const auto* from = reinterpret_cast<const char*>(sent.data());
    for (std::size_t at = 0; at < bytes;) {
      const auto done = ::send(flow.from.get(), from + at, bytes - at, MSG_NOSIGNAL);
      if (done <= 0) return;
      at += static_cast<std::size_t>(done);
    }
  });
  std::vector<std::uint32_t> received(bytes / 4);
  receive_at_most(flow.to, std::chrono::milliseconds(10'000));
  std::size_t at = 0;
  while (at < bytes) {
    const auto got = ::recv(flow.to.get(), reinterpret_cast<char*>(received.data()) + at, bytes - at, 0);
    if (got <= 0) break;
    at += static_cast<std::size_t>(got);
  }
  sender.join();
  return at == bytes && sent == received;
}

}  // namespace fracas::test
