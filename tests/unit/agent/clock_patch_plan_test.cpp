#include "agent/clock/patch_plan.h"

#include <elf.h>

#include <cerrno>
#include <cstring>

#include "agent/clock/stub_image.h"
#include "agent/clock/victim_memory.h"
#include "tests/catch/catch.h"

using namespace fracas::agent::clock;

namespace {

constexpr std::uint64_t kOwner = 77;

// This kernel's own vDSO: reading it needs no rights, and it is the image that counts here.
VdsoImage own() {
  return pristine_vdso().value();
}

Bytes patched_by(const PatchPlan& plan, Bytes bytes) {
  for (const PatchWrite& write : plan.writes)
    std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
  return bytes;
}

}  // namespace

TEST_CASE("vdso: this kernel's image is understood", "[unit][agent][clock]") {
  const VdsoImage image = own();
  CHECK(image.clock_gettime != 0);
  CHECK(image.hooked().size() == 3);
  CHECK(image.loaded_end <= image.sections_end);
  CHECK(image.sections_end <= image.bytes.size());
  const auto room = image.room_for(64);
  REQUIRE(room);
  CHECK(*room % 16 == 0);
  CHECK(*room >= image.loaded_end);
  CHECK(image.room_for(image.bytes.size()).error().code == ENOSPC);
}

TEST_CASE("vdso: the room behind the image is taken first, then that of the section headers", "[unit][agent][clock]") {
  VdsoImage image;
  image.bytes.resize(8192);
  image.loaded_end = 6001;
  image.sections_end = 7000;
  CHECK(image.room_for(1000).value() == 7008);
  CHECK(image.room_for(1500).value() == 6016);
  CHECK_FALSE(image.room_for(2200));
}

TEST_CASE("vdso: what is no image, or a broken one, is refused", "[unit][agent][clock]") {
  CHECK(parse_vdso({}).error().code == ENOEXEC);
  CHECK(parse_vdso(Bytes(8192)).error().code == ENOEXEC);
  const VdsoImage image = own();
  const Bytes good = image.bytes;
  for (std::size_t size = 0; size < image.loaded_end; size += 97)
    CHECK_FALSE(parse_vdso(std::span(good).first(size)).has_value());
  Bytes other = good;
  const Elf64_Half machine = EM_386;
  std::memcpy(other.data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
  CHECK_FALSE(parse_vdso(other));
  // Any byte wrong: refused or not, nothing is read outside.
  for (std::size_t i = 0; i < 1024; ++i) {
    other = good;
    other[i] = static_cast<std::uint8_t>(~other[i]);
    static_cast<void>(parse_vdso(other));
  }
}

TEST_CASE("patch plan: the stub comes first, then a jump for every function, and all stay inside the mapping",
          "[unit][agent][clock]") {
  const VdsoImage image = own();
  const auto plan = plan_patch(image, kOwner);
  REQUIRE(plan);
  CHECK(plan->fast);
  REQUIRE(plan->writes.size() == 4);
  CHECK(plan->writes.front().offset == plan->stub);
  CHECK(plan->stub >= image.loaded_end);
  for (const PatchWrite& write : plan->writes) CHECK(write.offset + write.bytes.size() <= image.bytes.size());
  for (std::size_t i = 1; i < plan->writes.size(); ++i) CHECK(plan->writes[i].bytes.size() == kJumpBytes);
  REQUIRE(plan->torn.size() == 3);
  // A thread at a function's first byte has not entered it yet and may stay.
  CHECK(plan->torn.front().start == image.clock_gettime + 1);
  CHECK(plan->torn.front().end == image.clock_gettime + kJumpBytes);
}

TEST_CASE("patch plan: a prologue that cannot be moved is answered by a system call", "[unit][agent][clock]") {
  VdsoImage image = own();
  image.bytes[image.clock_gettime] = 0xe8;
  const auto plan = plan_patch(image, kOwner);
  REQUIRE(plan);
  CHECK_FALSE(plan->fast);
}

TEST_CASE("patch plan: a pristine, a patched, a half patched and a foreign image are told apart",
          "[unit][agent][clock]") {
  const VdsoImage image = own();
  const auto plan = plan_patch(image, kOwner).value();
  CHECK(inspect(image, image.bytes).state == PatchState::pristine);
  const Bytes patched = patched_by(plan, image.bytes);
  const PatchFinding found = inspect(image, patched);
  CHECK(found.state == PatchState::patched);
  CHECK(found.stub == plan.stub);
  CHECK(found.header.owner == kOwner);

  for (std::size_t count = 1; count < plan.writes.size(); ++count) {
    PatchPlan part = plan;
    part.writes.resize(count);
    CHECK(inspect(image, patched_by(part, image.bytes)).state == PatchState::patched);
  }
  Bytes breakpoint = image.bytes;
  breakpoint[image.clock_gettime] = 0xcc;
  CHECK(inspect(image, breakpoint).state == PatchState::foreign);
  Bytes both = patched;
  both[image.clock_gettime + 64] = 0xcc;
  CHECK(inspect(image, both).state == PatchState::foreign);
  CHECK(inspect(image, std::span(patched).first(4096)).state == PatchState::foreign);
}
