#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "lib/base/ensure.h"

namespace fracas {

// Asks the kernel for huge pages where an array is large: millions of small pages cost more to make, and to find again,
// than what is done with them. Source: madvise(2), MADV_HUGEPAGE; where there are none, nothing changes.
template <typename T>
class LargeAllocator {
 public:
  using value_type = T;

  LargeAllocator() = default;
  template <typename Other>
  explicit LargeAllocator(const LargeAllocator<Other>&) {}

  T* allocate(std::size_t count) {
    if (count * sizeof(T) < kLarge) return std::allocator<T>().allocate(count);
    const std::size_t bytes = (count * sizeof(T) + kPage - 1) / kPage * kPage;
    void* memory = std::aligned_alloc(kPage, bytes);
    ensure(memory != nullptr, "there is memory for a large array");
    ::madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kLarge) return std::allocator<T>().deallocate(memory, count);
    std::free(memory);
  }

  bool operator==(const LargeAllocator&) const = default;

 private:
  static constexpr std::size_t kPage = std::size_t{2} << 20U;
  static constexpr std::size_t kLarge = 4 * kPage;
};

template <typename T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

}  // namespace fracas
