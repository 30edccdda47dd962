#include "agent/clock/patch_plan.h"

#include <algorithm>
#include <cstring>

#include "agent/clock/stub_image.h"
#include "lib/base/ensure.h"

namespace fracas::agent::clock {
namespace {

bool same(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other, PatchRange range) {
  return std::equal(one.begin() + static_cast<std::ptrdiff_t>(range.start),
                    one.begin() + static_cast<std::ptrdiff_t>(range.end),
                    other.begin() + static_cast<std::ptrdiff_t>(range.start));
}

// The image with the places that a patch may change taken from the pristine one.
Bytes without_patch(const VdsoImage& pristine, std::span<const std::uint8_t> mapping, std::size_t stub) {
  Bytes bytes(mapping.begin(), mapping.end());
  const auto restore = [&](std::size_t start, std::size_t size) {
    const auto from = pristine.bytes.begin() + static_cast<std::ptrdiff_t>(start);
    std::copy(from, from + static_cast<std::ptrdiff_t>(size), bytes.begin() + static_cast<std::ptrdiff_t>(start));
  };
  for (const std::size_t entry : pristine.hooked()) restore(entry, kJumpBytes);
  restore(stub, stub_image().size());
  return bytes;
}

}  // namespace

Result<PatchPlan> plan_patch(const VdsoImage& pristine, std::uint64_t owner) {
  const auto image = stub_image();
  auto room = pristine.room_for(image.size());
  if (!room) return failure(std::move(room).error());
  PatchPlan plan{.stub = *room, .writes = {}, .torn = {}, .fast = true};
  fracas_clock_header header = stub_header();
  header.owner = owner;
  Bytes stub(image.begin(), image.end());
  std::memcpy(stub.data(), &header, sizeof header);

  auto original = relocate_prologue(pristine.bytes, pristine.clock_gettime, plan.stub + header.trampoline);
  if (!original || original->size() > FRACAS_CLOCK_TRAMPOLINE_BYTES) {
    plan.fast = false;
    original = syscall_clock_gettime();
  }
  ensure(header.trampoline + FRACAS_CLOCK_TRAMPOLINE_BYTES <= stub.size(), "the stub ends with its trampoline");
  std::copy(original->begin(), original->end(), stub.begin() + header.trampoline);
  plan.writes.push_back({plan.stub, std::move(stub)});

  const auto hook = [&plan](std::size_t entry, std::uint32_t function) {
    if (entry == 0) return;
    plan.writes.push_back({entry, jump(entry, plan.stub + function)});
    plan.torn.push_back({entry + 1, entry + kJumpBytes});
  };
  hook(pristine.clock_gettime, header.clock_gettime);
  hook(pristine.gettimeofday, header.gettimeofday);
  hook(pristine.time, header.time);
  return plan;
}

PatchFinding inspect(const VdsoImage& pristine, std::span<const std::uint8_t> mapping) {
  PatchFinding finding;
  if (std::equal(mapping.begin(), mapping.end(), pristine.bytes.begin(), pristine.bytes.end())) return finding;
  finding.state = PatchState::foreign;
  const auto room = pristine.room_for(stub_image().size());
  if (!room || mapping.size() != pristine.bytes.size()) return finding;
  finding.stub = *room;
  std::memcpy(&finding.header, mapping.data() + *room, sizeof finding.header);
  const PatchRange stub{*room, *room + stub_image().size()};
  // Jumps without a stub behind them are nobody's we know: the stub is written first and removed last.
  const bool ours = std::memcmp(finding.header.magic, FRACAS_CLOCK_MAGIC, sizeof finding.header.magic) == 0 &&
                    !same(mapping, pristine.bytes, stub);
  if (ours && without_patch(pristine, mapping, *room) == pristine.bytes) finding.state = PatchState::patched;
  return finding;
}

}  // namespace fracas::agent::clock
