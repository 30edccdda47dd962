#include "targets/quorum/core/cell.h"

#include <algorithm>

namespace fracas::quorum {
namespace {

using node::combine;

void join_into(Register& into, const Register& other, const JoinBugs&) {
  if (other.stamp > into.stamp) into = other;
}

using Values = std::vector<std::pair<Dot, std::int64_t>>;

// A value stays where both have it, or where only one has and the other never saw its event.
Values joined(const Dotted& a, const Dotted& b) {
  Values values;
  auto left = a.values.begin();
  auto right = b.values.begin();
  while (left != a.values.end() || right != b.values.end()) {
    if (right == b.values.end() || (left != a.values.end() && left->first < right->first)) {
      if (!b.seen.covers(left->first)) values.push_back(*left);
      ++left;
    } else if (left == a.values.end() || right->first < left->first) {
      if (!a.seen.covers(right->first)) values.push_back(*right);
      ++right;
    } else {
      values.push_back(*left);
      ++left;
      ++right;
    }
  }
  return values;
}

void join_into(Dotted& into, const Dotted& other, const JoinBugs& bugs) {
  into.values = joined(into, other);
  into.seen.join(other.seen);
  if (bugs.drop_siblings && into.values.size() > 1) into.values.erase(into.values.begin(), into.values.end() - 1);
}

Counter::Part& part_of(Counter& cell, Member member) {
  auto found = std::ranges::lower_bound(cell.parts, member, {}, &Counter::Part::member);
  if (found == cell.parts.end() || found->member != member) found = cell.parts.insert(found, {.member = member});
  return *found;
}

std::int64_t bounded_sum(std::int64_t a, std::int64_t b) {
  return std::min(a + b, kCountMax);
}

void join_into(Counter& into, const Counter& other, const JoinBugs& bugs) {
  for (const Counter::Part& part : other.parts) {
    Counter::Part& own = part_of(into, part.member);
    if (bugs.add_counts && own != part) {
      own.added = bounded_sum(own.added, part.added);
      own.removed = bounded_sum(own.removed, part.removed);
    } else {
      own.added = std::max(own.added, part.added);
      own.removed = std::max(own.removed, part.removed);
    }
  }
}

std::uint64_t digest_of(std::uint64_t hash, const Stamp& stamp) {
  hash = combine(hash, static_cast<std::uint64_t>(stamp.time));
  hash = combine(combine(hash, stamp.logical), stamp.member);
  return combine(hash, stamp.life);
}
std::uint64_t digest_of(std::uint64_t hash, const Register& cell) {
  return combine(digest_of(hash, cell.stamp), cell.value ? static_cast<std::uint64_t>(*cell.value) + 1 : 0);
}
std::uint64_t digest_of(std::uint64_t hash, const Dotted& cell) {
  for (const auto& [member, count] : cell.seen.counts()) hash = combine(combine(hash, member), count);
  for (const auto& [dot, value] : cell.values)
    hash = combine(combine(combine(hash, dot.member), dot.count), static_cast<std::uint64_t>(value));
  return hash;
}
std::uint64_t digest_of(std::uint64_t hash, const Counter& cell) {
  for (const Counter::Part& part : cell.parts)
    hash = combine(combine(combine(hash, part.member), static_cast<std::uint64_t>(part.added)),
                   static_cast<std::uint64_t>(part.removed));
  return hash;
}

void put(ByteWriter& out, const Register& cell) {
  out.i64(cell.stamp.time);
  out.u64(cell.stamp.logical);
  out.u32(cell.stamp.member);
  out.u64(cell.stamp.life);
  out.u8(cell.value ? 1 : 0);
  out.i64(cell.value.value_or(0));
  out.i64(cell.deleted_ns);
}
void put(ByteWriter& out, const Dotted& cell) {
  write(out, cell.seen);
  out.u32(static_cast<std::uint32_t>(cell.values.size()));
  for (const auto& [dot, value] : cell.values) {
    out.u32(dot.member);
    out.u64(dot.count);
    out.i64(value);
  }
}
void put(ByteWriter& out, const Counter& cell) {
  out.u32(static_cast<std::uint32_t>(cell.parts.size()));
  for (const Counter::Part& part : cell.parts) {
    out.u32(part.member);
    out.i64(part.added);
    out.i64(part.removed);
  }
}

Register read_register(ByteReader& in) {
  Register cell;
  cell.stamp.time = in.i64();
  cell.stamp.logical = in.u64();
  cell.stamp.member = in.u32();
  cell.stamp.life = in.u64();
  const bool held = in.u8() == 1;
  const std::int64_t value = in.i64();
  if (held) cell.value = value;
  cell.deleted_ns = in.i64();
  return cell;
}
Dotted read_dotted(ByteReader& in) {
  Dotted cell;
  cell.seen = read_version_vector(in);
  for (std::uint32_t left = in.count(20); left > 0; --left) {
    Dot dot;
    dot.member = in.u32();
    dot.count = in.u64();
    // Out of order is not what was written.
    if (!cell.values.empty() && dot < cell.values.back().first) in.fail();
    cell.values.emplace_back(dot, in.i64());
  }
  return cell;
}
Counter read_counter(ByteReader& in) {
  Counter cell;
  for (std::uint32_t left = in.count(20); left > 0; --left) {
    Counter::Part part;
    part.member = in.u32();
    part.added = in.i64();
    part.removed = in.i64();
    const bool ordered = cell.parts.empty() || cell.parts.back().member < part.member;
    const bool bounded = std::min(part.added, part.removed) >= 0 && std::max(part.added, part.removed) <= kCountMax;
    if (!ordered || !bounded) in.fail();
    cell.parts.push_back(part);
  }
  return cell;
}

}  // namespace

bool join(Cell& into, const Cell& other, const JoinBugs& bugs) {
  if (into.index() != other.index()) return false;
  std::visit([&]<typename Kind>(Kind& kind) { join_into(kind, std::get<Kind>(other), bugs); }, into);
  return true;
}

void put_sibling(Dotted& cell, const Dot& dot, std::int64_t value, const VersionVector& context) {
  std::erase_if(cell.values, [&](const auto& held) { return context.covers(held.first); });
  cell.seen.join(context);
  cell.seen.raise(dot);
  const std::pair<Dot, std::int64_t> fresh{dot, value};
  cell.values.insert(std::upper_bound(cell.values.begin(), cell.values.end(), fresh), fresh);
}

void remove_element(Dotted& cell, std::int64_t value) {
  std::erase_if(cell.values, [&](const auto& held) { return held.second == value; });
}

void add_amount(Counter& cell, Member member, std::int64_t amount) {
  Counter::Part& part = part_of(cell, member);
  std::int64_t& count = amount < 0 ? part.removed : part.added;
  count = bounded_sum(count, amount < 0 ? -amount : amount);
}

std::int64_t sum_of(const Counter& cell) {
  std::int64_t sum = 0;
  for (const Counter::Part& part : cell.parts) sum += part.added - part.removed;
  return sum;
}

bool is_tombstone(const Cell& cell) {
  const auto* held = std::get_if<Register>(&cell);
  return held != nullptr && !held->value;
}

std::uint64_t digest(const Cell& cell) {
  return std::visit([&](const auto& kind) { return digest_of(cell.index(), kind); }, cell);
}

std::size_t size_of(const Cell& cell) {
  if (const auto* dotted = std::get_if<Dotted>(&cell))
    return 9 + 12 * dotted->seen.counts().size() + 20 * dotted->values.size();
  if (const auto* counter = std::get_if<Counter>(&cell)) return 5 + 20 * counter->parts.size();
  return 46;
}

void write(ByteWriter& out, const Cell& cell) {
  out.u8(static_cast<std::uint8_t>(cell.index()));
  std::visit([&](const auto& kind) { put(out, kind); }, cell);
}

Cell read_cell(ByteReader& in) {
  switch (in.u8()) {
    case 0:
      return read_register(in);
    case 1:
      return read_dotted(in);
    case 2:
      return read_counter(in);
    default:
      in.fail();
      return {};
  }
}

}  // namespace fracas::quorum
