#include "agent/clock/prologue.h"

#include <cstring>

#include "tests/catch/catch.h"

using namespace fracas::agent::clock;

namespace {

// Where a relative field of four bytes, ending `tail` bytes before the end of its instruction, points.
std::size_t target(const Bytes& code, std::size_t base, std::size_t field, std::size_t tail = 0) {
  std::int32_t displacement = 0;
  std::memcpy(&displacement, code.data() + field, sizeof displacement);
  return static_cast<std::size_t>(static_cast<std::int64_t>(base + field + 4 + tail) + displacement);
}

}  // namespace

TEST_CASE("prologue: the instructions that begin functions are measured", "[unit][agent][clock]") {
  struct Case {
    const char* text;
    Bytes code;
    std::size_t rip_displacement = 0;
  };
  const std::vector<Case> cases = {
      {"endbr64", {0xf3, 0x0f, 0x1e, 0xfa}},
      {"push rbp", {0x55}},
      {"push r14", {0x41, 0x56}},
      {"mov rbp, rsp", {0x48, 0x89, 0xe5}},
      {"and rsp, -16", {0x48, 0x83, 0xe4, 0xf0}},
      {"sub rsp, 0x100", {0x48, 0x81, 0xec, 0x00, 0x01, 0x00, 0x00}},
      {"cmp edi, 23", {0x83, 0xff, 0x17}},
      {"mov eax, 1", {0xb8, 0x01, 0x00, 0x00, 0x00}},
      {"movabs rax, imm64", {0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}},
      {"mov ecx, edi", {0x89, 0xf9}},
      {"xor eax, eax", {0x31, 0xc0}},
      {"test rdi, rdi", {0x48, 0x85, 0xff}},
      {"lea r10, [rip - 0x6b16]", {0x4c, 0x8d, 0x15, 0xea, 0x94, 0xff, 0xff}, 3},
      {"mov eax, [rip + 16]", {0x8b, 0x05, 0x10, 0, 0, 0}, 2},
      {"cmp dword [rip + 16], 5", {0x83, 0x3d, 0x10, 0, 0, 0, 5}, 2},
      {"mov eax, [r10 + 4]", {0x41, 0x8b, 0x42, 0x04}},
      {"mov rax, [rsp + 8]", {0x48, 0x8b, 0x44, 0x24, 0x08}},
      {"mov rax, [rsp]", {0x48, 0x8b, 0x04, 0x24}},
      {"mov eax, [rdx * 4 + disp32]", {0x8b, 0x04, 0x95, 0, 0, 0, 0}},
      {"mov rax, [rbx + disp32]", {0x48, 0x8b, 0x83, 0, 1, 0, 0}},
      {"mov dword [rsi + 8], 0", {0xc7, 0x46, 0x08, 0, 0, 0, 0}},
  };
  for (const Case& one : cases) {
    INFO(one.text);
    Bytes code = one.code;
    code.insert(code.end(), 16, 0x90);
    const auto instruction = decode(code);
    REQUIRE(instruction);
    CHECK(instruction->length == one.code.size());
    CHECK(instruction->rip_displacement == one.rip_displacement);
    // Cut off, it is refused.
    CHECK_FALSE(decode(std::span(one.code).first(one.code.size() - 1)));
  }
}

TEST_CASE("prologue: what must not be moved is refused", "[unit][agent][clock]") {
  const std::vector<Bytes> refused = {
      {0xe8, 0, 0, 0, 0},           // call
      {0xe9, 0, 0, 0, 0},           // jmp
      {0xeb, 0x10},                 // jmp short
      {0x74, 0x10},                 // je
      {0x0f, 0x84, 0, 0, 0, 0},     // je near
      {0xc3},                       // ret
      {0x0f, 0x05},                 // syscall
      {0x66, 0x89, 0xc8},           // an operand size prefix
      {0xff, 0x25, 0x10, 0, 0, 0},  // jmp [rip + 16]
      {0xe3, 0x00},                 // jrcxz
      {},
      {0x48},
  };
  for (Bytes code : refused) {
    CHECK_FALSE(decode(code));
    code.insert(code.end(), 16, 0x90);
    CHECK_FALSE(relocate_prologue(code, 0, 4096));
  }
}

TEST_CASE("prologue: whole instructions move, their operands keep what they point at, and the code goes on behind them",
          "[unit][agent][clock]") {
  Bytes image(512, 0x90);
  // push rbp; lea r10, [rip - 0x50]; the jump overwrites five bytes, so both move.
  const Bytes code = {0x55, 0x4c, 0x8d, 0x15, 0xb0, 0xff, 0xff, 0xff};
  std::copy(code.begin(), code.end(), image.begin() + 0x80);
  const std::size_t pointed_at = 0x80 + code.size() - 0x50;
  const auto moved = relocate_prologue(image, 0x80, 0x180);
  REQUIRE(moved);
  REQUIRE(moved->size() == code.size() + kJumpBytes);
  CHECK(target(*moved, 0x180, 4) == pointed_at);
  CHECK(moved->at(code.size()) == 0xe9);
  CHECK(target(*moved, 0x180, code.size() + 1) == 0x80 + code.size());
}

TEST_CASE("prologue: an instruction that ends with an immediate keeps its operand too", "[unit][agent][clock]") {
  Bytes image(512, 0x90);
  const Bytes code = {0x83, 0x3d, 0x10, 0x00, 0x00, 0x00, 0x05};  // cmp dword [rip + 16], 5
  std::copy(code.begin(), code.end(), image.begin());
  const auto moved = relocate_prologue(image, 0, 0x100);
  REQUIRE(moved);
  CHECK(target(*moved, 0x100, 2, 1) == code.size() + 16);
}

TEST_CASE("prologue: a function cut off by the image's end is refused", "[unit][agent][clock]") {
  const Bytes image = {0x55, 0x55, 0x55};
  CHECK_FALSE(relocate_prologue(image, 0, 16));
  CHECK_FALSE(relocate_prologue(image, 3, 16));
}

TEST_CASE("prologue: a jump leads where it says, forwards and backwards", "[unit][agent][clock]") {
  CHECK(target(jump(0x100, 0x20), 0x100, 1) == 0x20);
  CHECK(target(jump(0x20, 0x100), 0x20, 1) == 0x100);
}
