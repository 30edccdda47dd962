#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "targets/quorum/core/version_vector.h"

// What a key holds on one member. Every kind is a join-semilattice: copies that met differently become equal once each
// has joined the other, in any order and however often. Everything that moves data (writes, read repair, hints,
// anti-entropy) is a join. Source: Shapiro et al., "Conflict-free Replicated Data Types", SSS 2011.
namespace fracas::quorum {

// One value; the greater stamp wins. Without a value it is a tombstone: deleted, and remembered as such.
struct Register {
  Stamp stamp{};
  std::optional<std::int64_t> value{};
  std::int64_t deleted_ns = 0;  // tombstones: the wall clock of who deleted it
  bool operator==(const Register&) const = default;
};

// Values side by side, each known by the event that brought it: the siblings of a key, or the elements of a set. A
// value is gone where its event is seen and the value is not there: removed values need no tombstones. Source: Bieniusa
// et al., "An Optimized Conflict-free Replicated Set", 2012; Preguiça et al., "Dotted Version Vectors", 2010.
struct Dotted {
  VersionVector seen{};
  std::vector<std::pair<Dot, std::int64_t>> values{};  // by dot
  bool operator==(const Dotted&) const = default;
};

// A sum of what each member added; amounts below zero are counted apart. Source: PN-Counter, Shapiro et al. 2011.
struct Counter {
  struct Part {
    Member member = 0;
    std::int64_t added = 0;    // >= 0, only grows
    std::int64_t removed = 0;  // >= 0, only grows
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts{};  // by member
  bool operator==(const Counter&) const = default;
};

using Cell = std::variant<Register, Dotted, Counter>;

// How planted mistakes (bugs.h) bend joins.
struct JoinBugs {
  bool drop_siblings = false;  // of values that were written side by side, one is kept
  bool add_counts = false;     // a member's parts are added up, however often they arrive
};

// Makes `into` the join of both. Cells of different kinds do not join: false, and nothing changes.
bool join(Cell& into, const Cell& other, const JoinBugs& bugs = {});

// Adds a member's event with its value; what `context` had seen is replaced by it.
void put_sibling(Dotted& cell, const Dot& dot, std::int64_t value, const VersionVector& context);
// Takes out every event that brought the value.
void remove_element(Dotted& cell, std::int64_t value);
// REQUIRES: amount within ±kCountMax. What a member added, or took away, stays at kCountMax once it comes there.
void add_amount(Counter& cell, Member member, std::int64_t amount);
constexpr std::int64_t kCountMax = 1'000'000'000'000'000;
std::int64_t sum_of(const Counter& cell);

bool is_tombstone(const Cell& cell);
// The same for equal cells on every member.
std::uint64_t digest(const Cell& cell);
// About how many bytes it takes on a wire.
std::size_t size_of(const Cell& cell);

void write(ByteWriter& out, const Cell& cell);
// Fails the reader where the bytes are no cell.
Cell read_cell(ByteReader& in);

}  // namespace fracas::quorum
