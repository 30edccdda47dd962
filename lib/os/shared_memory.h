#pragma once
#include <cstddef>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::os {

// A mapping of a memfd, filled with zeros at first: memory that two processes share for as long as one of them has it
// mapped or open, and that leaves nothing. Thread: any; what is in it is the users' affair. Source: memfd_create(2).
class SharedMemory {
 public:
  static Result<SharedMemory> create(const char* name, std::size_t size);
  // The other process's end. ERRORS: EINVAL it has another size.
  static Result<SharedMemory> open(UniqueFd fd, std::size_t size);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&&) = delete;
  ~SharedMemory();

  int fd() const { return fd_.get(); }
  void* data() const { return mapped_; }

 private:
  SharedMemory(UniqueFd fd, void* mapped, std::size_t size) : fd_(std::move(fd)), mapped_(mapped), size_(size) {}

  UniqueFd fd_;
  void* mapped_;
  std::size_t size_;
};

}  // namespace fracas::os
