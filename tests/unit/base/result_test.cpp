#include "lib/base/result.h"

#include <cerrno>
#include <cstdint>
#include <type_traits>
#include <unordered_set>

#include "lib/base/strong_id.h"
#include "tests/catch/catch.h"

using fracas::Error;
using fracas::Result;
using fracas::Status;

TEST_CASE("error: context puts the failed step in front and keeps the errno", "[unit][base]") {
  const Error error = Error{.message = "No such device", .code = ENODEV}.context("eth0").context("net.delay");
  CHECK(error.message == "net.delay: eth0: No such device");
  CHECK(error.code == ENODEV);
}

TEST_CASE("error: a failed system call says its step and its cause", "[unit][base]") {
  const Status given = fracas::system_failure("open /x", ENOENT);
  REQUIRE_FALSE(given.has_value());
  CHECK(given.error().message == "open /x: No such file or directory");
  CHECK(given.error().code == ENOENT);
  errno = EPERM;
  const Status current = fracas::system_failure("mount");
  CHECK(current.error().code == EPERM);
  CHECK(current.error().message == "mount: Operation not permitted");
}

TEST_CASE("result: it holds a value or the reason there is none", "[unit][base]") {
  const auto half = [](int number) -> Result<int> {
    if (number % 2 != 0) return fracas::failure("odd");
    return number / 2;
  };
  CHECK(half(4).value() == 2);
  CHECK(half(3).error().message == "odd");
  CHECK(half(3).error().code == 0);
  CHECK(half(8).and_then(half).value() == 2);
}

TEST_CASE("strong id: ids of different tags are different types, of one tag they compare", "[unit][base]") {
  using Term = fracas::StrongId<struct TermTag, std::uint64_t>;
  using Index = fracas::StrongId<struct IndexTag, std::uint64_t>;
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Term, Index>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::uint64_t, Term>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Term, Index>);
  CHECK(Term(1) < Term(2));
  CHECK(Term(2) == Term(2));
  CHECK(Term{}.value() == 0);
  CHECK(std::unordered_set<Term>{Term(1), Term(1), Term(2)}.size() == 2);
}
