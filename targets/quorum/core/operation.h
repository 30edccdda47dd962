#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "targets/quorum/core/message.h"
#include "targets/quorum/core/request.h"

namespace fracas::quorum {

// Who is asked for one of a key's copies: a home, or a member that stands in for one.
struct Target {
  Member member = 0;
  std::optional<Member> home{};  // stood in for
};

// A request under way at its coordinator.
struct Operation {
  enum class Phase : std::uint8_t {
    query,   // waits for R copies
    update,  // waits for W acknowledgements
    repair,  // answered; waits for the other copies, to see who lags behind
  };

  RequestId request = 0;
  Request what{};
  std::uint32_t reads = 0;
  std::uint32_t writes = 0;
  std::vector<Target> targets{};
  Phase phase = Phase::query;
  std::map<Member, std::optional<Cell>> found{};
  std::optional<Cell> cell{};  // joined from what was found, or being written
  std::set<Member> stored{};
  Reply reply{};  // given once W have it
  bool answered = false;
  std::int64_t deadline_ns = 0;

  bool asks(Member member) const {
    for (const Target& target : targets)
      if (target.member == member) return true;
    return false;
  }
};

}  // namespace fracas::quorum
