// Prints every 10 ms how far system_clock has moved from steady_clock since the start, in ms.
#include <chrono>
#include <cstdio>
#include <thread>

namespace {

double apart() {
  using Ms = std::chrono::duration<double, std::milli>;
  const Ms wall = std::chrono::system_clock::now().time_since_epoch();
  return (wall - Ms(std::chrono::steady_clock::now().time_since_epoch())).count();
}

}  // namespace

int main() {
  const double start = apart();
  for (;;) {
    std::printf("%.1f\n", apart() - start);
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}
