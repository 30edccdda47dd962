#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "targets/raft/core/ids.h"

namespace fracas::raft {

// Who belongs to the cluster: an entry of the log that counts from when it is written, not from when it is committed.
// Source: dissertation, chapter 4.
struct Configuration {
  std::vector<NodeId> voters{};    // elect and commit by their majority; sorted, never empty
  std::vector<NodeId> outgoing{};  // while joint: the voters before, whose majority is needed too; sorted
  std::vector<NodeId> learners{};  // are sent the log, and count for nothing; sorted

  bool joint() const { return !outgoing.empty(); }
  // Whether it has a say in elections.
  bool votes(const NodeId& node) const;
  bool has(const NodeId& node) const;
  // All of them, each once, sorted.
  std::vector<NodeId> members() const;
  // Whether so few voters differ that every majority of one meets every majority of the other.
  bool is_near(const Configuration& other) const;

  bool operator==(const Configuration&) const = default;
};

// The greatest number that a majority of the voters has reached, and while joint also a majority of the outgoing ones.
// `learners_count` is the bug of that name: their numbers are taken for voters'.
std::uint64_t agreed(const Configuration& configuration, const std::function<std::uint64_t(const NodeId&)>& reached,
                     bool learners_count = false);

// Sorts the lists. False: no voters, a name twice, or one that is both voter and learner.
bool normalise(Configuration& configuration);

void write(ByteWriter& out, const Configuration& configuration);
// Fails the reader where the bytes are no configuration.
Configuration read_configuration(ByteReader& in);

}  // namespace fracas::raft
