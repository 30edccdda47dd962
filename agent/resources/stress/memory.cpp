#include <sys/mman.h>

#include <algorithm>
#include <cstddef>

#include "agent/resources/stress/work.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPagesAtOnce = 256;
constexpr std::int64_t kRoundPauseNs = 50'000'000;

}  // namespace

// Touches every page once as fast as it can, then again and again, so that they are the last to be reclaimed. What is
// written differs from page to page: equal pages could be merged.
void hold_memory(Work& work) {
  const std::size_t pages = (work.order().bytes + kPage - 1) / kPage;
  void* mapped =
      ::mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    work.count(false, 0);
    return;
  }
  // Huge pages would be charged 2 MiB at a time.
  ::madvise(mapped, pages * kPage, MADV_NOHUGEPAGE);
  auto* bytes = static_cast<volatile std::uint64_t*>(mapped);
  for (std::uint64_t round = 1; work.goes_on(); ++round) {
    for (std::size_t page = 0; page < pages; ++page) {
      if (page % kPagesAtOnce == 0 && !work.goes_on()) return;
      bytes[page * (kPage / sizeof(std::uint64_t))] = round * pages + page;
      if (round == 1) work.count(true, kPage);
    }
    work.sleep_until(boot_ns() + kRoundPauseNs);
  }
}

}  // namespace fracas::agent
