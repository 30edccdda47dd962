#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent::clock {

using Bytes = std::vector<std::uint8_t>;

// What the patcher has to know of a vDSO image. All offsets are bytes from the start of its mapping; 0: not exported.
struct VdsoImage {
  Bytes bytes;  // the whole mapping, with the unused rest of its last page
  std::size_t clock_gettime = 0;
  std::size_t gettimeofday = 0;
  std::size_t time = 0;
  std::size_t loaded_end = 0;    // of what the dynamic linker reads
  std::size_t sections_end = 0;  // of the section headers, which only debuggers read

  // The function entries that a patch overwrites.
  std::vector<std::size_t> hooked() const;
  // Where a stub of `size` bytes goes: behind the image, or over its section headers if it does not fit there.
  // ERRORS: ENOSPC.
  Result<std::size_t> room_for(std::size_t size) const;
};

// Reads the dynamic symbol table. ERRORS: ENOEXEC not an x86-64 ELF image, or one without clock_gettime; nothing is
// read outside `mapping`. Source: elf(5), vdso(7).
Result<VdsoImage> parse_vdso(std::span<const std::uint8_t> mapping);

}  // namespace fracas::agent::clock
