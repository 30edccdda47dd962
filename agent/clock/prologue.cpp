#include "agent/clock/prologue.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace fracas::agent::clock {
namespace {

constexpr std::array<std::uint8_t, 4> kEndbr64 = {0xf3, 0x0f, 0x1e, 0xfa};
constexpr std::uint8_t kRexW = 0x08;

struct Opcode {
  bool modrm = false;
  std::size_t immediate = 0;
};

std::optional<Opcode> look_up(std::uint8_t opcode, bool wide) {
  if (opcode >= 0x50 && opcode <= 0x57) return Opcode{};                                             // push
  if (opcode >= 0xb8 && opcode <= 0xbf) return Opcode{.modrm = false, .immediate = wide ? 8U : 4U};  // mov imm
  // add, or, and, sub, xor, cmp between register and register or memory.
  if (opcode < 0x40 && (opcode & 7) <= 3 && (opcode & 0x38) != 0x10 && (opcode & 0x38) != 0x18)
    return Opcode{.modrm = true};
  switch (opcode) {
    case 0x63:  // movsxd
    case 0x85:  // test
    case 0x89:  // mov
    case 0x8b:
    case 0x8d:  // lea
      return Opcode{.modrm = true};
    case 0x83:  // arithmetic with imm8
      return Opcode{.modrm = true, .immediate = 1};
    case 0x81:  // arithmetic with imm32
    case 0xc7:  // mov imm32
      return Opcode{.modrm = true, .immediate = 4};
    default:
      return std::nullopt;
  }
}

// Bytes of ModRM, SIB and displacement at `at`; fills in where a RIP-relative displacement is.
std::optional<std::size_t> operand_bytes(std::span<const std::uint8_t> code, std::size_t at, Instruction& instruction) {
  if (at >= code.size()) return std::nullopt;
  const unsigned mode = code[at] >> 6;
  const unsigned base = code[at] & 7;
  if (mode == 3) return 1;
  const std::size_t sib = base == 4 ? 1 : 0;
  if (sib == 1 && at + 1 >= code.size()) return std::nullopt;
  if (mode == 0 && base == 5) {
    instruction.rip_displacement = at + 1;
    return 5;
  }
  if (mode == 0) return 1 + sib + (sib == 1 && (code[at + 1] & 7) == 5 ? 4 : 0);
  return 1 + sib + (mode == 1 ? 1U : 4U);
}

std::int32_t distance(std::size_t from, std::size_t to) {
  return static_cast<std::int32_t>(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from));
}

void copy_moved(std::span<const std::uint8_t> code, const Instruction& instruction, std::int32_t moved, Bytes& out) {
  const std::size_t start = out.size();
  out.insert(out.end(), code.begin(), code.begin() + static_cast<std::ptrdiff_t>(instruction.length));
  if (instruction.rip_displacement == 0) return;
  std::uint8_t* field = out.data() + start + instruction.rip_displacement;
  std::int32_t displacement = 0;
  std::memcpy(&displacement, field, sizeof displacement);
  displacement -= moved;
  std::memcpy(field, &displacement, sizeof displacement);
}

}  // namespace

std::optional<Instruction> decode(std::span<const std::uint8_t> code) {
  if (code.size() >= kEndbr64.size() && std::equal(kEndbr64.begin(), kEndbr64.end(), code.begin()))
    return Instruction{.length = kEndbr64.size()};
  std::size_t at = 0;
  bool wide = false;
  if (!code.empty() && (code[0] & 0xf0) == 0x40) {
    wide = (code[0] & kRexW) != 0;
    at = 1;
  }
  if (at >= code.size()) return std::nullopt;
  const auto opcode = look_up(code[at], wide);
  if (!opcode) return std::nullopt;
  Instruction instruction{.length = at + 1};
  if (opcode->modrm) {
    const auto operand = operand_bytes(code, at + 1, instruction);
    if (!operand) return std::nullopt;
    instruction.length += *operand;
  }
  instruction.length += opcode->immediate;
  if (instruction.length > code.size()) return std::nullopt;
  return instruction;
}

std::optional<Bytes> relocate_prologue(std::span<const std::uint8_t> image, std::size_t from, std::size_t to) {
  Bytes moved;
  while (moved.size() < kJumpBytes) {
    if (from + moved.size() >= image.size()) return std::nullopt;
    const auto rest = image.subspan(from + moved.size());
    const auto instruction = decode(rest);
    if (!instruction) return std::nullopt;
    copy_moved(rest, *instruction, distance(from, to), moved);
  }
  const Bytes back = jump(to + moved.size(), from + moved.size());
  moved.insert(moved.end(), back.begin(), back.end());
  return moved;
}

Bytes syscall_clock_gettime() {
  return {0xb8, 0xe4, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3};
}

Bytes jump(std::size_t from, std::size_t to) {
  Bytes code(kJumpBytes, 0xe9);
  const std::int32_t displacement = distance(from + kJumpBytes, to);
  std::memcpy(code.data() + 1, &displacement, sizeof displacement);
  return code;
}

}  // namespace fracas::agent::clock
