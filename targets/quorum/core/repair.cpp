#include <algorithm>
#include <utility>

#include "targets/quorum/core/replica.h"

// What goes on without requests: gossip, handing over hints, anti-entropy.
namespace fracas::quorum {
namespace {

constexpr std::size_t kBatchMax = 64;
constexpr std::int64_t kHandingNs = 1'000'000'000;  // then the batch, or its answer, is taken for lost

}  // namespace

bool Replica::due(std::int64_t& next_ns, Duration every) const {
  if (now_.monotonic_ns < next_ns) return false;
  next_ns = now_.monotonic_ns + every.count();
  return true;
}

bool Replica::alive(Member member) const {
  return member == options_.self || detector_.alive(member, now_.monotonic_ns);
}

std::optional<Member> Replica::other_member(bool only_alive) {
  std::vector<Member> others;
  for (Member member = 0; member < options_.members.size(); ++member)
    if (member != options_.self && (!only_alive || alive(member))) others.push_back(member);
  if (others.empty()) return std::nullopt;
  return others[static_cast<std::size_t>(random_.below(others.size()))];
}

// Members that seem to be down are told, too: they may be back.
void Replica::gossip() {
  beats_[options_.self] = {life_, beats_[options_.self].beat + 1};
  if (const auto to = other_member(false)) outbox_.after_disk(Send{*to, Gossip{beats_, false}});
}

void Replica::handle_message(Member from, const Gossip& gossip) {
  if (gossip.beats.size() != beats_.size()) return;
  for (Member member = 0; member < beats_.size(); ++member) {
    if (member == options_.self || gossip.beats[member] <= beats_[member]) continue;
    beats_[member] = gossip.beats[member];
    detector_.heard(member, now_.monotonic_ns);
  }
  if (!gossip.answer) outbox_.after_disk(Send{from, Gossip{beats_, true}});
}

// What an earlier life began for homes, and did not live to tell them: a coordinator's own events are in its own copy,
// which no home compares itself with.
void Replica::hold_for_homes() {
  for (const auto& [key, cell] : cells_) {
    const std::vector<Member> homes = ring_.homes(key, options_.replicas);
    if (std::ranges::find(homes, options_.self) != homes.end()) continue;
    for (const Member home : homes) hold_hint(home, key, cell);
  }
}

void Replica::hand_over() {
  for (const Member home : hints_.homes()) {
    const auto under_way = handing_.find(home);
    const bool waits = under_way != handing_.end() && now_.monotonic_ns - under_way->second.since_ns < kHandingNs;
    if (waits || !alive(home)) continue;
    Handing handing{++next_handing_, hints_.batch(home, kBatchMax), now_.monotonic_ns};
    outbox_.after_disk(Send{home, Handoff{handing.number, handing.batch}});
    handing_.insert_or_assign(home, std::move(handing));
  }
}

void Replica::handle_message(Member from, const Handoff& handoff) {
  for (const auto& [key, cell] : handoff.entries) join_cell(key, cell);
  outbox_.after_disk(Send{from, Handed{handoff.number}});
}

void Replica::handle_message(Member from, const Handed& handed) {
  const auto under_way = handing_.find(from);
  if (under_way == handing_.end() || under_way->second.number != handed.number) return;
  for (std::string& key : hints_.release(from, under_way->second.batch))
    if (!options_.bugs.volatile_hints) persist(HintRecord{from, std::move(key), std::nullopt});
  handing_.erase(under_way);
}

const DigestTree& Replica::tree_of(Member peer) const {
  static const DigestTree kEmpty;
  const auto found = trees_.find(peer);
  return found == trees_.end() ? kEmpty : found->second;
}

void Replica::compare_with_somebody() {
  const auto peer = other_member(true);
  if (peer) outbox_.after_disk(Send{*peer, Digests{0, tree_of(*peer).root()}});
}

void Replica::handle_message(Member from, const Digests& digests) {
  if (from == options_.self || digests.level > DigestTree::kLeafLevel) return;
  const DigestTree& own = tree_of(from);
  Digests next{static_cast<std::uint8_t>(digests.level + 1), {}};
  std::vector<std::uint16_t> leaves;
  for (const auto& [place, hash] : digests.ranges) {
    if (place > 255 || own.digest(digests.level, place) == hash) continue;
    if (options_.bugs.skip_range && digests.level == 1 && place == 15) continue;
    if (digests.level == DigestTree::kLeafLevel) {
      leaves.push_back(place);
    } else {
      std::ranges::copy(own.parts(digests.level, place), std::back_inserter(next.ranges));
    }
  }
  if (!next.ranges.empty()) outbox_.after_disk(Send{from, std::move(next)});
  if (leaves.empty()) return;
  std::vector<Entry> entries = entries_of(leaves, from);
  outbox_.after_disk(Send{from, Entries{std::move(leaves), std::move(entries), false}});
}

std::vector<Entry> Replica::entries_of(const std::vector<std::uint16_t>& leaves, Member peer) const {
  std::vector<Entry> entries;
  for (const auto& [key, cell] : cells_) {
    if (std::ranges::find(leaves, DigestTree::leaf_of(key)) == leaves.end()) continue;
    const std::vector<Member> homes = ring_.homes(key, options_.replicas);
    const bool shared =
        std::ranges::find(homes, peer) != homes.end() && std::ranges::find(homes, options_.self) != homes.end();
    if (shared) entries.emplace_back(key, cell);
  }
  return entries;
}

// Answers with what the other end lacks, once.
void Replica::handle_message(Member from, const Entries& entries) {
  for (const auto& [key, cell] : entries.entries) join_cell(key, cell);
  if (entries.answer) return;
  std::vector<Entry> lacking = entries_of(entries.leaves, from);
  std::erase_if(lacking,
                [&](const Entry& own) { return std::ranges::find(entries.entries, own) != entries.entries.end(); });
  if (!lacking.empty()) outbox_.after_disk(Send{from, Entries{entries.leaves, std::move(lacking), true}});
}

}  // namespace fracas::quorum
