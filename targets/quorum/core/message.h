#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "targets/quorum/core/cell.h"
#include "targets/quorum/core/ids.h"

// What members say to each other. Messages may be lost, doubled, delayed and reordered.
namespace fracas::quorum {

using Entry = std::pair<std::string, Cell>;

// Asks to join a cell into the receiver's, on its disk.
struct Store {
  OperationId operation = 0;
  std::string key{};
  Cell cell{};
  std::optional<Member> home{};  // held for that member, which seems to be down: a hint
  bool operator==(const Store&) const = default;
};
struct Stored {
  OperationId operation = 0;
  bool joined = true;  // false: the receiver holds another kind of data there
  bool operator==(const Stored&) const = default;
};

struct Fetch {
  OperationId operation = 0;
  std::string key{};
  bool operator==(const Fetch&) const = default;
};
struct Fetched {
  OperationId operation = 0;
  std::optional<Cell> cell{};
  bool operator==(const Fetched&) const = default;
};

// Hints handed over to the member they are for; Handed{number} says that they are on its disk.
struct Handoff {
  std::uint64_t number = 0;
  std::vector<Entry> entries{};
  bool operator==(const Handoff&) const = default;
};
struct Handed {
  std::uint64_t number = 0;
  bool operator==(const Handed&) const = default;
};

// How far each member's heartbeat is known to have come: its life, then its beats. By member.
struct Beat {
  std::uint64_t life = 0;
  std::uint64_t beat = 0;
  auto operator<=>(const Beat&) const = default;
};
struct Gossip {
  std::vector<Beat> beats{};
  bool answer = false;  // to a Gossip, which is not answered again
  bool operator==(const Gossip&) const = default;
};

// Anti-entropy: digests of some ranges of the keys that both are homes of (digest_tree.h), and then the entries of the
// ranges that differ.
struct Digests {
  std::uint8_t level = 0;
  std::vector<std::pair<std::uint16_t, std::uint64_t>> ranges{};  // place and digest
  bool operator==(const Digests&) const = default;
};
struct Entries {
  std::vector<std::uint16_t> leaves{};
  std::vector<Entry> entries{};
  bool answer = false;  // to Entries, which are not answered again
  bool operator==(const Entries&) const = default;
};

using Message = std::variant<Store, Stored, Fetch, Fetched, Handoff, Handed, Gossip, Digests, Entries>;

}  // namespace fracas::quorum
