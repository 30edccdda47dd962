#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/isolation/observations.h"

namespace fracas::checker::isolation {

// The transactions of each process that count, in their order: those that were answered, and those without an answer
// that somebody saw. The latter come after what the process did before, but may take effect late: each is a session of
// its own.
class Sessions {
 public:
  explicit Sessions(const Observations& observations);

  std::uint32_t size() const { return sessions_; }
  // By transaction: its session, or kNone; its place in it, from 1; the transaction of its process before it, or kNone.
  std::uint32_t session(std::uint32_t transaction) const { return session_[transaction]; }
  std::uint32_t place(std::uint32_t transaction) const { return place_[transaction]; }
  std::uint32_t before(std::uint32_t transaction) const { return before_[transaction]; }

 private:
  std::vector<std::uint32_t> session_, place_, before_;
  std::uint32_t sessions_ = 0;
};

// The writers of every key by session, in the order of the sessions.
class WritersBySession {
 public:
  WritersBySession(const Observations& observations, const Sessions& sessions);

  struct Group {
    std::uint32_t session = 0;
    std::uint32_t first = 0, end = 0;  // of places() and transactions()
  };
  std::span<const Group> of(std::uint32_t key) const {
    return std::span(groups_).subspan(begin_[key], begin_[key + 1] - begin_[key]);
  }
  // The last writer of the group with a place up to `place`, or kNone.
  std::uint32_t last(const Group& group, std::uint32_t place) const;

 private:
  std::vector<std::uint32_t> begin_;  // by key, into groups_
  std::vector<Group> groups_;
  std::vector<std::uint32_t> places_, transactions_;
};

}  // namespace fracas::checker::isolation
