#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "agent/line/frame.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"
#include "lib/os/netns.h"

namespace fracas::agent {

// The delay line's way in: a TAP device of ours, up, silent by itself. The kernel removes it when its descriptor
// closes.
class LineTap {
 public:
  // `as_on_wire`: large segments are cut and checksums finished before they are read; otherwise neither.
  static Result<LineTap> open(const os::NetNamespace& netns, bool as_on_wire);

  int fd() const { return fd_.get(); }
  int ifindex() const { return ifindex_; }
  // One frame with its VnetHeader into `room`, which must hold 66 KiB; its size, or nothing when none waits.
  std::optional<std::size_t> read(std::span<std::byte> room) const;

 private:
  LineTap(os::UniqueFd fd, int ifindex) : fd_(std::move(fd)), ifindex_(ifindex) {}
  os::UniqueFd fd_;
  int ifindex_ = 0;
};

// The way out: a packet socket that sends each frame by the interface it was leaving by, or came by: there the
// classifier turns the latter round.
class LineOutlet {
 public:
  static Result<LineOutlet> open(const os::NetNamespace& netns);
  static constexpr std::size_t kAtOnce = 16;
  // Bit i: the kernel took frame i. It does not while an interface is down or its queue is full.
  // REQUIRES: at most kAtOnce frames.
  std::uint32_t send(std::span<const Frame> frames) const;

 private:
  explicit LineOutlet(os::UniqueFd socket) : socket_(std::move(socket)) {}
  os::UniqueFd socket_;
};

}  // namespace fracas::agent
