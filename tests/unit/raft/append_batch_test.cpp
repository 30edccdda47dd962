#include <string>
#include <vector>

#include "targets/raft/core/progress.h"
#include "targets/raft/shell/append_batch.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas::raft;

AppendRequest request(Index prev_index, const std::vector<Index>& entries, std::size_t bytes = 10) {
  AppendRequest made{.term = Term(3), .prev_index = prev_index, .prev_term = Term(2), .commit = 4, .round = 7};
  for (const Index index : entries) made.entries.push_back({index, Term(3), std::string(bytes, 'x')});
  if (prev_index > 10) made.prev_term = Term(3);
  return made;
}

}  // namespace

TEST_CASE("append batch: what goes on from an unsent append leaves with it", "[unit][raft]") {
  AppendRequest earlier = request(10, {11});
  AppendRequest later = request(11, {12, 13});
  later.commit = 5;
  later.round = 8;
  REQUIRE(add_to(earlier, later));
  AppendRequest whole = request(10, {11, 12, 13});
  whole.commit = 5;
  whole.round = 8;
  CHECK(earlier == whole);
}

TEST_CASE("append batch: a heartbeat and what follows it are one, either way round", "[unit][raft]") {
  AppendRequest heartbeat = request(10, {});
  AppendRequest entries = request(10, {11, 12});
  REQUIRE(add_to(heartbeat, entries));
  CHECK(heartbeat == request(10, {11, 12}));
  AppendRequest after = request(12, {});
  after.round = 9;
  REQUIRE(add_to(heartbeat, after));
  CHECK(heartbeat.round == 9);
  CHECK(heartbeat.entries.size() == 2);
}

TEST_CASE("append batch: what does not go on from it, or is too much, stays for itself", "[unit][raft]") {
  const AppendRequest earlier = request(10, {11});
  AppendRequest other_term = request(11, {12});
  other_term.term = Term(4);
  AppendRequest other_past = request(11, {12});
  other_past.prev_term = Term(1);
  std::vector<Index> many;
  for (Index i = 0; i < kBatchEntriesMax; ++i) many.push_back(12 + i);
  for (const AppendRequest& each : {request(10, {11}), request(12, {13}), other_term, other_past, request(11, many),
                                    request(11, {12}, kBatchBytesMax)}) {
    AppendRequest into = earlier;
    AppendRequest later = each;
    CHECK_FALSE(add_to(into, later));
    CHECK(into == earlier);
    CHECK(later == each);
  }
}
