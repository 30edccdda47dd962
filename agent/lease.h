#pragma once
#include <cstdint>
#include <filesystem>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

// When a lease of `lease` taken or renewed at `now_ns` ends. A renewal never shortens what is granted already.
std::int64_t lease_end_ns(std::int64_t now_ns, std::int64_t granted_until_ns, Duration lease);

// The moment from which a fault must not act any more: its window's end or the lease's, whichever is first. A fault
// that was never armed (`window_end_ns` = 0) ends with the lease; without a lease (0) it has ended already.
std::int64_t fault_end_ns(std::int64_t window_end_ns, std::int64_t lease_end_ns);

// The end of the agent's lease, in a small mapped file that the guardian reads even while the agent is stopped.
// CLOCK_BOOTTIME nanoseconds; 0 = no lease. Thread: any; loads and stores are atomic across processes.
class LeaseFile {
 public:
  // Opens, creating it with no lease. ERRORS: errno's text.
  static Result<LeaseFile> open(const std::filesystem::path& path);

  LeaseFile(LeaseFile&& other) noexcept;
  LeaseFile& operator=(LeaseFile&&) = delete;
  ~LeaseFile();

  std::int64_t end_ns() const;
  void set_end_ns(std::int64_t end_ns);

 private:
  explicit LeaseFile(std::int64_t* mapped) : mapped_(mapped) {}
  std::int64_t* mapped_;
};

}  // namespace fracas::agent
