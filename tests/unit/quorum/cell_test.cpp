#include "targets/quorum/core/cell.h"

#include <vector>

#include "lib/base/random.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::quorum;

namespace {

// A member's copy after a random life of its own events and joins with others' copies.
std::vector<Cell> lives_of(std::size_t kind, RandomStream& random) {
  std::vector<Cell> copies(3);
  for (Cell& copy : copies) copy = kind == 0 ? Cell(Register{}) : kind == 1 ? Cell(Dotted{}) : Cell(Counter{});
  for (int step = 0; step < 30; ++step) {
    const auto member = static_cast<Member>(random.below(copies.size()));
    Cell& copy = copies[member];
    const auto value = static_cast<std::int64_t>(random.below(1000));
    if (random.chance(0.4)) {
      REQUIRE(join(copy, copies[static_cast<std::size_t>(random.below(copies.size()))]));
    } else if (auto* held = std::get_if<Register>(&copy)) {
      *held = {{value, static_cast<std::uint64_t>(step), member, 1}, value, 0};
    } else if (auto* dotted = std::get_if<Dotted>(&copy)) {
      const VersionVector context = random.chance(0.5) ? dotted->seen : VersionVector{};
      put_sibling(*dotted, {member, dotted->seen.count(member) + 1}, value, context);
    } else {
      add_amount(std::get<Counter>(copy), member, value - 500);
    }
  }
  return copies;
}

Cell joined(Cell a, const Cell& b) {
  REQUIRE(join(a, b));
  return a;
}

VersionVector vector_of(std::initializer_list<Dot> dots) {
  VersionVector vector;
  for (const Dot& dot : dots) vector.raise(dot);
  return vector;
}

}  // namespace

TEST_CASE("cell: joins are idempotent, commutative and associative, for every kind", "[unit][quorum]") {
  RandomStream random(7, "test");
  for (int round = 0; round < 200; ++round) {
    for (std::size_t kind = 0; kind < 3; ++kind) {
      const std::vector<Cell> copies = lives_of(kind, random);
      const Cell& a = copies[0];
      const Cell& b = copies[1];
      const Cell& c = copies[2];
      CHECK(joined(a, a) == a);
      CHECK(joined(a, b) == joined(b, a));
      CHECK(joined(joined(a, b), c) == joined(a, joined(b, c)));
      CHECK(joined(joined(a, b), b) == joined(a, b));
      CHECK((digest(joined(a, b)) == digest(joined(b, a))));
    }
  }
}

TEST_CASE("cell: bytes that were written read the same, and cut ones fail the reader", "[unit][quorum]") {
  RandomStream random(8, "test");
  for (std::size_t kind = 0; kind < 3; ++kind) {
    const Cell cell = lives_of(kind, random).front();
    ByteWriter out;
    write(out, cell);
    ByteReader in(out.bytes());
    CHECK(read_cell(in) == cell);
    CHECK(in.done());
    ByteReader cut(std::string_view(out.bytes()).substr(0, out.bytes().size() - 1));
    static_cast<void>(read_cell(cut));
    CHECK_FALSE(cut.ok());
  }
}

TEST_CASE("cell: a write replaces the siblings that its context has seen, and no others", "[unit][quorum]") {
  Dotted cell;
  put_sibling(cell, {0, 1}, 10, {});
  put_sibling(cell, {1, 1}, 20, {});
  CHECK(cell.values.size() == 2);
  put_sibling(cell, {0, 2}, 30, vector_of({{0, 1}}));
  REQUIRE(cell.values.size() == 2);
  CHECK(cell.values[0].second == 30);
  CHECK(cell.values[1].second == 20);
}

TEST_CASE("cell: a copy that missed a removal does not bring the value back", "[unit][quorum]") {
  Dotted cell;
  put_sibling(cell, {0, 1}, 10, {});
  const Cell old = cell;
  remove_element(cell, 10);
  CHECK(std::get<Dotted>(joined(Cell(cell), old)).values.empty());
}

TEST_CASE("cell: cells of two kinds do not join", "[unit][quorum]") {
  Cell cell = Counter{};
  CHECK_FALSE(join(cell, Register{}));
  CHECK(std::holds_alternative<Counter>(cell));
}

TEST_CASE("cell: the planted mistakes of joins do what they say", "[unit][quorum]") {
  Dotted a;
  put_sibling(a, {0, 1}, 10, {});
  Dotted b;
  put_sibling(b, {1, 1}, 20, {});
  Cell siblings = a;
  REQUIRE(join(siblings, b, {.drop_siblings = true}));
  CHECK(std::get<Dotted>(siblings).values.size() == 1);
  Counter counter;
  add_amount(counter, 0, 3);
  Counter more = counter;
  add_amount(more, 0, 1);
  Cell counted = counter;
  REQUIRE(join(counted, more, {.add_counts = true}));
  CHECK(sum_of(std::get<Counter>(counted)) == 7);
}
