#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "agent/resources/stress/work.h"

namespace fracas::agent {
namespace {

constexpr std::uint64_t kBlock = 65536;

// In the working folder, and without a name: it is gone with the worker, however that ends.
int open_nameless() {
  const int fd = ::open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  std::string name = ".fracas-io-XXXXXX";
  const int named = ::mkstemp(name.data());
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

void write_files(Work& work) {
  const int fd = open_nameless();
  const std::uint64_t blocks = std::max<std::uint64_t>(1, work.order().bytes / kBlock);
  const std::uint64_t size = std::min(kBlock, work.order().bytes);
  const std::uint64_t rate = work.order().rate_per_second;
  std::vector<char> data(size);
  std::int64_t next = boot_ns();
  for (std::uint64_t n = 0; work.goes_on(); ++n) {
    // Fresh content each time: a file system that compresses or deduplicates must work for it.
    for (std::uint64_t i = 0; i < size; i += 64) data[i] = static_cast<char>((n * 31 + i * 7) & 0xff);
    const ssize_t written = ::pwrite(fd, data.data(), size, static_cast<off_t>(n % blocks * kBlock));
    const bool durable = written == static_cast<ssize_t>(size) && ::fdatasync(fd) == 0;
    work.count(durable, durable ? size : 0);
    if (!durable) work.sleep_until(boot_ns() + 10'000'000);
    if (rate == 0) continue;
    next = std::max(next + static_cast<std::int64_t>(1'000'000'000 / rate), boot_ns() - 100'000'000);
    work.sleep_until(next);
  }
  ::close(fd);
}

}  // namespace fracas::agent
