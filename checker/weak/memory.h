#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/result.h"

// Reads and writes of registers as the levels below linearizability see them: without times, but with the order of each
// process and with who read from whom.
namespace fracas::checker::weak {

// One read that was answered, or one write that was not refused. Its number is its place in the list it is in.
struct Access {
  std::uint32_t operation = 0;  // index into History::operations
  std::uint32_t key = 0;        // numbered by first use
  std::uint32_t process = 0;    // numbered by first use
  // Accesses of one session are in its order, from place 1 on. A process is one session; a write of unknown outcome is
  // another by itself, because it may take effect at any later time: it comes after what its process did before.
  std::uint32_t session = 0;
  std::uint32_t place = 0;
  std::uint32_t before = kNone;  // the last access of the process before it that was answered
  std::uint32_t from = kNone;    // of a read: the write that it saw; kNone: the initial value
  bool write = false;
  bool optional = false;  // a write of unknown outcome
};

// What is known before it is settled which write each read saw: where values were written more than once, that may be
// one of several.
struct Draft {
  std::vector<Access> all;                // by invocation; sessions, places and `from` are not filled in
  std::vector<std::uint32_t> candidates;  // writes, or kNone for the initial value; those of a read lie together
  std::vector<std::uint32_t> begin;       // by access, into `candidates`; one more than there are accesses
  std::uint32_t keys = 0, processes = 0;
  std::uint32_t phantom = kNone;  // the first read of a value that nobody wrote: an access
  bool ambiguous = false;         // some read has several candidates

  std::span<const std::uint32_t> candidates_of(std::uint32_t access) const {
    return std::span(candidates).subspan(begin[access], begin[access + 1] - begin[access]);
  }
};

// `initial`: what keys hold at first; nothing: a value that no operation names. Candidates are by likelihood: what had
// begun last when the read returned comes first.
// ERRORS: "event N: …" where an operation is neither a read nor a write.
Result<Draft> draft_of(const History& history, std::span<const std::uint32_t> operations, std::optional<Value> initial);

struct Memory {
  std::vector<Access> all;  // by invocation; writes of unknown outcome only where somebody saw them
  std::uint32_t keys = 0, processes = 0, sessions = 0;
};

// With each read seeing the candidate of that number; empty: the first. REQUIRES: the draft has no phantom; `choice`,
// if there is one, has a number for each access.
Memory settle(const Draft& draft, std::span<const std::uint32_t> choice = {});

// The writes of each key by session, in the sessions' order.
class Writers {
 public:
  explicit Writers(const Memory& memory);

  struct Group {
    std::uint32_t session = 0;
    std::uint32_t first = 0, end = 0;  // of the list that writes() gives
  };
  std::span<const Group> of(std::uint32_t key) const {
    return std::span(groups_).subspan(begin_[key], begin_[key + 1] - begin_[key]);
  }
  // Accesses, by place.
  std::span<const std::uint32_t> writes(const Group& group) const {
    return std::span(writes_).subspan(group.first, group.end - group.first);
  }
  // The last write of the group with a place up to `place`, or kNone.
  std::uint32_t last(const Group& group, std::uint32_t place) const;

 private:
  const Memory& memory_;
  std::vector<std::uint32_t> begin_, writes_;
  std::vector<Group> groups_;
};

}  // namespace fracas::checker::weak
