#include "checker/models/problem.h"

namespace fracas::checker {

std::optional<State> Problem::step(const Call& call, State state) const {
  switch (call.kind) {
    case CallKind::read:
      return state == call.first ? std::optional(state) : std::nullopt;
    case CallKind::write:
      return call.first;
    case CallKind::cas:
      return state == call.first ? std::optional(call.second) : std::nullopt;
    case CallKind::mismatch:
      return state != call.first ? std::optional(state) : std::nullopt;
    case CallKind::step: {
      const State to = space->step(state, call.first);
      return to != kNoState ? std::optional(to) : std::nullopt;
    }
    case CallKind::append:
      break;
  }
  if (state == kElsewhere) return kElsewhere;
  const auto child = children.find(std::uint64_t{state} << 32 | call.first);
  return child == children.end() ? kElsewhere : child->second;
}

}  // namespace fracas::checker
