#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "agent/clock/vdso_image.h"

namespace fracas::agent::clock {

// A jump to any place of the image: opcode and 32-bit displacement.
inline constexpr std::size_t kJumpBytes = 5;

// One decoded x86-64 instruction.
struct Instruction {
  std::size_t length = 0;
  std::size_t rip_displacement = 0;  // where its RIP-relative displacement is; 0: it has none
};

// Decodes what compilers put at a function's start: endbr64, push, and mov, lea, and arithmetic with the operands they
// take. Nothing for everything else, jumps and calls included, which must not be moved.
// Source: AMD64 Architecture Programmer's Manual, volume 3, chapter 1.
std::optional<Instruction> decode(std::span<const std::uint8_t> code);

// Moves the instructions that a jump at `from` overwrites to `to`, both offsets in `image`, followed by a jump back to
// the first one left in place. Nothing if one of them cannot be moved.
std::optional<Bytes> relocate_prologue(std::span<const std::uint8_t> image, std::size_t from, std::size_t to);

// Asks the kernel instead: mov $SYS_clock_gettime, %eax; syscall; ret. Right for any prologue, ten times slower.
Bytes syscall_clock_gettime();

// A jump from offset `from` to offset `to`.
Bytes jump(std::size_t from, std::size_t to);

}  // namespace fracas::agent::clock
