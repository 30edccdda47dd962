#include <algorithm>
#include <utility>

#include "targets/quorum/core/replica.h"

// What a member holds: its copies of keys, and hints.
namespace fracas::quorum {
namespace {

constexpr std::size_t kHintsMax = 100'000;

}  // namespace

const Cell* Replica::find(const std::string& key) const {
  const auto found = cells_.find(key);
  return found == cells_.end() ? nullptr : &found->second;
}

void Replica::persist(Record record) {
  ++records_;
  outbox_.persist(std::move(record));
}

void Replica::count_in_trees(const std::string& key, const Cell& cell, bool comes) {
  const std::vector<Member> homes = ring_.homes(key, options_.replicas);
  if (std::ranges::find(homes, options_.self) == homes.end()) return;
  const std::uint64_t hash = digest(cell);
  for (const Member home : homes) {
    if (home == options_.self) continue;
    if (comes) {
      trees_[home].add(key, hash);
    } else {
      trees_[home].remove(key, hash);
    }
  }
}

// False where it holds another kind of data.
bool Replica::join_cell(const std::string& key, const Cell& cell) {
  if (const auto* held = std::get_if<Register>(&cell)) clock_.observe(held->stamp);
  const Cell* held = find(key);
  if (held == nullptr) {
    if (expired(cell) || (options_.bugs.no_tombstones && is_tombstone(cell))) return true;
    set_cell(key, cell);
    return true;
  }
  Cell joined = *held;
  if (!join(joined, cell, {options_.bugs.drop_siblings, options_.bugs.add_counts})) return false;
  if (joined == *held) return true;
  if (options_.bugs.no_tombstones && is_tombstone(joined)) {
    forget(key);
  } else {
    set_cell(key, std::move(joined));
  }
  return true;
}

void Replica::set_cell(const std::string& key, Cell cell) {
  if (const Cell* held = find(key)) count_in_trees(key, *held, false);
  count_in_trees(key, cell, true);
  persist(CellRecord{key, cell});
  cells_.insert_or_assign(key, std::move(cell));
}

void Replica::forget(const std::string& key) {
  const auto found = cells_.find(key);
  if (found == cells_.end()) return;
  count_in_trees(key, found->second, false);
  persist(CellRecord{key, std::nullopt});
  cells_.erase(found);
}

bool Replica::hold_hint(Member home, const std::string& key, const Cell& cell) {
  if (hints_.size() >= kHintsMax) return false;
  const Cell* held = hints_.add(home, key, cell, {options_.bugs.drop_siblings, options_.bugs.add_counts});
  if (held == nullptr) return false;
  if (!options_.bugs.volatile_hints) persist(HintRecord{home, key, *held});
  return true;
}

// A tombstone that nobody needs any more: whoever missed the deletion was down for longer than the grace.
bool Replica::expired(const Cell& cell) const {
  return is_tombstone(cell) && std::get<Register>(cell).deleted_ns + options_.tombstone_grace.count() < now_.wall_ns;
}

void Replica::forget_expired() {
  std::vector<std::string> keys;
  for (const auto& [key, cell] : cells_)
    if (expired(cell)) keys.push_back(key);
  for (const std::string& key : keys) forget(key);
}

void Replica::rewrite_if_due() {
  if (records_ < options_.rewrite_every + 2 * (cells_.size() + hints_.size())) return;
  Rewrite rewrite;
  rewrite.records.emplace_back(LifeRecord{life_});
  for (const auto& [key, cell] : cells_) rewrite.records.emplace_back(CellRecord{key, cell});
  if (!options_.bugs.volatile_hints)
    for (const auto& [home, cells] : hints_.held())
      for (const auto& [key, cell] : cells) rewrite.records.emplace_back(HintRecord{home, key, cell});
  persist(std::move(rewrite));
  records_ = 0;
}

void Replica::handle_message(Member from, const Store& store) {
  const bool is_hint = store.home && *store.home != options_.self && *store.home < options_.members.size();
  const bool joined = is_hint ? hold_hint(*store.home, store.key, store.cell) : join_cell(store.key, store.cell);
  Send answer{from, Stored{store.operation, joined}};
  if (options_.bugs.unsynced_copy) {
    outbox_.at_once(std::move(answer));
  } else {
    outbox_.after_disk(std::move(answer));
  }
}

// Only what is on the disk: what a read has shown must not be forgotten in a crash.
void Replica::handle_message(Member from, const Fetch& fetch) {
  Fetched fetched{fetch.operation, {}};
  if (const Cell* held = find(fetch.key)) fetched.cell = *held;
  hints_.join_into(fetch.key, fetched.cell);
  outbox_.after_disk(Send{from, std::move(fetched)});
}

}  // namespace fracas::quorum
