#include "lib/model/suggest.h"

#include <vector>

#include "tests/catch/catch.h"

using fracas::model::edit_distance;
using fracas::model::nearest;
using fracas::model::suggestion;

TEST_CASE("suggest: the edit distance counts swaps of neighbours as one", "[unit][model]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("rate", "rate") == 0);
  CHECK(edit_distance("", "rate") == 4);
  CHECK(edit_distance("raet", "rate") == 1);
  CHECK(edit_distance("rat", "rate") == 1);
  CHECK(edit_distance("halfs", "halves") == 2);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("suggest: a near word is found and a far one is not", "[unit][model]") {
  const std::vector<std::string> kinds{"net.delay", "net.loss", "process.kill"};
  CHECK(nearest("net.dealy", kinds) == "net.delay");
  CHECK(nearest("netloss", kinds) == "net.loss");
  CHECK(nearest("kill", kinds) == "process.kill");
  CHECK(nearest("disk.full", kinds).empty());
  CHECK(nearest("", kinds).empty());
  CHECK(nearest(std::string(10000, 'x'), kinds).empty());
  CHECK(nearest("a", {}).empty());
}

TEST_CASE("suggest: an error offers the near word, or all of them", "[unit][model]") {
  const std::vector<std::string> values{"in", "out", "both"};
  CHECK(suggestion("bth", values) == "; did you mean \"both\"?");
  CHECK(suggestion("sideways", values) == "; one of in, out, both");
  CHECK(suggestion("x", {}).empty());
}
