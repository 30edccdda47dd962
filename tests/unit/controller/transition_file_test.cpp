#include "controller/run/transition_file.h"

#include "tests/catch/catch.h"

namespace fracas::controller {
namespace {

std::string mistake(std::string_view text) {
  const auto table = read_transitions_text(text, "door.toml");
  return table ? std::string("none") : table.error().message;
}

}  // namespace

TEST_CASE("transition file: rows, states and expected values are those of the text", "[unit][controller]") {
  const auto table = read_transitions_text(R"(
name = "door"
initial = "closed"
by_key = false
[[transition]]
f = "open"
from = ["open", "closed"]
to = "open"
[[transition]]
f = "lock"
argument = 7
from = "closed"
to = "locked"
[[transition]]
f = "look"
result = []
)",
                                           "door.toml");
  REQUIRE(table);
  CHECK(table->name == "door");
  CHECK_FALSE(table->by_key);
  CHECK(table->states == std::vector<std::string>{"closed", "open", "locked"});
  REQUIRE(table->rows.size() == 3);
  CHECK(table->rows[0].from == std::vector<std::uint32_t>{0, 1});
  CHECK(table->rows[0].to == 1);
  CHECK_FALSE(table->rows[0].argument.has_value());
  CHECK(table->rows[1].argument == checker::Transitions::Expected(std::int64_t{7}));
  CHECK(table->rows[2].from.empty());
  CHECK_FALSE(table->rows[2].to.has_value());
  CHECK(table->rows[2].result == checker::Transitions::Expected(std::monostate{}));
}

TEST_CASE("transition file: each mistake is told with its place", "[unit][controller]") {
  CHECK(mistake("name = \"d\"\ninitial = \"a\"\n[[transition]]\nf = \"x\"\nform = \"a\"\n") ==
        "door.toml:5:1: there is no key \"form\" here; did you mean \"from\"?");
  CHECK(mistake("name = \"d\"\ninitial = 3\n[[transition]]\nf = \"x\"\n") ==
        "door.toml:2:11: this must be a text, not a number");
  CHECK(mistake("name = \"d\"\ninitial = \"a\"\n[[transition]]\nf = \"x\"\nargument = 0.5\n")
            .starts_with("door.toml:5:12: this must be a text, a whole number, true, false, or [] for nothing"));
  CHECK(mistake("name = \"d\"\ninitial = \"a\"\n").ends_with("\"transition\" is missing"));
}

}  // namespace fracas::controller
