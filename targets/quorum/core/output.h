#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "targets/node/data/outbox.h"
#include "targets/quorum/core/message.h"
#include "targets/quorum/core/request.h"

// What the state machine wants done.
namespace fracas::quorum {

struct Send {
  Member to = 0;
  Message message;
};
struct Answer {
  RequestId request = 0;
  Reply reply;
};
using Effect = std::variant<Send, Answer>;

// The member was started for the `life`-th time.
struct LifeRecord {
  std::uint64_t life = 0;
};
// What a key holds from now on; without a cell the key is forgotten.
struct CellRecord {
  std::string key{};
  std::optional<Cell> cell{};
};
// What is held for another member; without a cell it is no longer.
struct HintRecord {
  Member home = 0;
  std::string key{};
  std::optional<Cell> cell{};
};
using SmallRecord = std::variant<LifeRecord, CellRecord, HintRecord>;
// Replaces everything on the disk. Must be atomic.
struct Rewrite {
  std::vector<SmallRecord> records{};
};
// One thing to write.
using Record = std::variant<LifeRecord, CellRecord, HintRecord, Rewrite>;

using Output = node::StepOutput<Effect, Record>;

}  // namespace fracas::quorum
