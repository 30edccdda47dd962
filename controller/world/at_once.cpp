#include "controller/world/at_once.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace fracas::controller {

void at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
  // Each waits for an agent most of the time.
  constexpr std::size_t kThreadsMax = 32;
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(count, kThreadsMax); ++i)
    threads.emplace_back([&] {
      for (std::size_t mine = next++; mine < count; mine = next++) work(mine);
    });
}

}  // namespace fracas::controller
