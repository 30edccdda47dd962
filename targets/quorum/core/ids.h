#pragma once
#include <compare>
#include <cstdint>

#include "targets/node/data/bytes.h"
#include "targets/node/data/hash.h"

// The words of the store. Source of most of them: DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store",
// SOSP 2007.
namespace fracas::quorum {

using node::ByteReader;
using node::ByteWriter;

// A member's place in the sorted list of all members' names; the same everywhere, as members are fixed for the store's
// life.
using Member = std::uint32_t;
// Chosen by the shell, unique while the request is open: it comes back in exactly one Answer.
using RequestId = std::uint64_t;
// A coordinator's name for one of its operations; 0 = an answer is of no interest.
using OperationId = std::uint64_t;

// When a write was made, as far as stores can tell: the greater stamp wins. Unique: a member's `time` and `logical`
// never repeat within a life.
struct Stamp {
  std::int64_t time = 0;  // nanoseconds of the hybrid clock; in atomic mode 0 or what was seen
  std::uint64_t logical = 0;
  Member member = 0;
  std::uint64_t life = 0;  // how often that member was started
  auto operator<=>(const Stamp&) const = default;
};

// One event of one member on one key: its `count`-th, from 1.
struct Dot {
  Member member = 0;
  std::uint64_t count = 0;
  auto operator<=>(const Dot&) const = default;
};

// What the clocks of the host show. `monotonic` never goes back.
struct Time {
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;
};

}  // namespace fracas::quorum
