#pragma once
#include <atomic>

namespace fracas::agent {

// Writes one word of memory that a BPF program reads, whole, and after all that was published before.
template <typename T, typename Value>
void publish(T& shared, Value value) {
  std::atomic_ref<T>(shared).store(static_cast<T>(value), std::memory_order_seq_cst);
}

}  // namespace fracas::agent
