// Prints every 10 ms how far system_clock has moved from steady_clock since the start, in ms: as the first thread reads
// them, and as another one does. With an argument it also runs that program, with the argument 1, over and over.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

double apart() {
  using Ms = std::chrono::duration<double, std::milli>;
  const Ms wall = std::chrono::system_clock::now().time_since_epoch();
  return (wall - Ms(std::chrono::steady_clock::now().time_since_epoch())).count();
}

}  // namespace

int main(int count, char** arguments) {
  const double start = apart();
  std::atomic<double> other = 0;
  const std::jthread reader([&] {
    for (;; std::this_thread::sleep_for(5ms)) other = apart() - start;
  });
  std::jthread runner;
  if (count > 1)
    runner = std::jthread([command = std::string(arguments[1]) + " 1"] {
      while (std::system(command.c_str()) == 0) continue;
    });
  for (;; std::this_thread::sleep_for(10ms)) {
    std::printf("%.1f %.1f\n", apart() - start, other.load());
    std::fflush(stdout);
  }
}
