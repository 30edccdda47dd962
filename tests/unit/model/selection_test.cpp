#include "lib/model/selection.h"

#include "tests/catch/catch.h"

using namespace fracas::model;

namespace {

constexpr HostCounts kFive{.nodes = 5, .spares = 1};

std::uint32_t count_of(const char* text, const HostCounts& hosts) {
  return selected_count(parse_selection(text).value().parts.front(), hosts);
}

}  // namespace

TEST_CASE("selection: every word is read as what it says", "[unit][model]") {
  const auto read = parse_selection("all, one,minority,majority, leader ,followers,2,40%,n3,x1");
  REQUIRE(read.has_value());
  REQUIRE(read->parts.size() == 10);
  CHECK(std::holds_alternative<SelectAll>(read->parts[0]));
  CHECK(std::holds_alternative<SelectOne>(read->parts[1]));
  CHECK(std::holds_alternative<SelectMinority>(read->parts[2]));
  CHECK(std::holds_alternative<SelectMajority>(read->parts[3]));
  CHECK(std::holds_alternative<SelectLeader>(read->parts[4]));
  CHECK(std::holds_alternative<SelectFollowers>(read->parts[5]));
  CHECK(std::get<SelectCount>(read->parts[6]).count == 2);
  CHECK(std::get<SelectShare>(read->parts[7]).share == 0.4);
  CHECK(std::get<SelectName>(read->parts[8]).host == "n3");
  CHECK(std::get<SelectName>(read->parts[9]).host == "x1");
  CHECK(read->needs_leader());
  CHECK_FALSE(parse_selection("all,n1")->needs_leader());
}

TEST_CASE("selection: what is none is refused", "[unit][model]") {
  for (const char* text :
       {"", " ", ",", "n1,", "0", "0%", "101%", "-1", "2.5", "n0", "n01", "N1", "y1", "n", "Leader", "n1 n2"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_selection(text).has_value());
  }
  CHECK(parse_selection("leeder").error().message == "unknown selection \"leeder\"; did you mean \"leader\"?");
}

TEST_CASE("selection: the hosts of a fleet are named as they are, or by a label", "[unit][model]") {
  const HostCounts fleet{
      .nodes = 3, .spares = 0, .named = {{"db1", {"zone=a", "role=db"}}, {"db2", {"zone=b", "role=db"}}, {"web", {}}}};
  CHECK(certain_hosts(*parse_selection("web, zone=b", fleet), fleet) == std::set<std::string>{"db2", "web"});
  CHECK(certain_hosts(*parse_selection("role=db", fleet), fleet) == std::set<std::string>{"db1", "db2"});
  CHECK(node_names(fleet) == std::vector<std::string>{"db1", "db2", "web"});
  CHECK(check_selection(*parse_selection("majority", fleet), fleet).has_value());
  CHECK(parse_selection("dbl", fleet).error().message == "unknown selection \"dbl\"; did you mean \"db1\"?");
  CHECK(parse_selection("zone=c", fleet).error().message ==
        "no host has the label \"zone=c\"; did you mean \"zone=a\"?");
  CHECK_FALSE(parse_selection("n1", fleet).has_value());
  CHECK_FALSE(parse_selection("zone=a").has_value());
  CHECK(is_selection_word("leader"));
  CHECK_FALSE(is_selection_word("n1"));
}

TEST_CASE("selection: counts follow the number of nodes", "[unit][model]") {
  struct Row {
    std::uint32_t nodes, minority, majority, followers, share;
  };
  for (const Row& row : {Row{1, 0, 1, 0, 0}, Row{2, 0, 2, 1, 0}, Row{3, 1, 2, 2, 1}, Row{4, 1, 3, 3, 1},
                         Row{5, 2, 3, 4, 2}, Row{10, 4, 6, 9, 4}}) {
    CAPTURE(row.nodes);
    const HostCounts hosts{.nodes = row.nodes};
    CHECK(count_of("all", hosts) == row.nodes);
    CHECK(count_of("one", hosts) == 1);
    CHECK(count_of("leader", hosts) == 1);
    CHECK(count_of("minority", hosts) == row.minority);
    CHECK(count_of("majority", hosts) == row.majority);
    CHECK(count_of("followers", hosts) == row.followers);
    CHECK(count_of("40%", hosts) == row.share);
  }
}

TEST_CASE("selection: a world must have the hosts, and some must be hit", "[unit][model]") {
  for (const char* text : {"all", "5", "n5", "x1", "20%", "minority"}) {
    CAPTURE(text);
    CHECK(check_selection(*parse_selection(text), kFive).has_value());
  }
  for (const char* text : {"6", "n6", "x2", "19%", "n1,n6"}) {
    CAPTURE(text);
    CHECK_FALSE(check_selection(*parse_selection(text), kFive).has_value());
  }
  CHECK_FALSE(check_selection(*parse_selection("minority"), HostCounts{.nodes = 2}).has_value());
  CHECK_FALSE(check_selection(*parse_selection("followers"), HostCounts{.nodes = 1}).has_value());
  CHECK(check_selection(*parse_selection("n6"), kFive).error().message ==
        "there is no host \"n6\"; the hosts are n1 to n5 and x1");
}

TEST_CASE("selection: a union hits at least its largest part and all its names", "[unit][model]") {
  CHECK(hit_at_least(*parse_selection("minority,majority"), kFive) == 3);
  CHECK(hit_at_least(*parse_selection("n1,n2,n2,x1"), kFive) == 3);
  CHECK(hit_at_least(*parse_selection("n1,2"), kFive) == 2);
}

TEST_CASE("selection: hosts are certain where nothing is drawn", "[unit][model]") {
  CHECK(certain_hosts(*parse_selection("n2,x1"), kFive) == std::set<std::string>{"n2", "x1"});
  CHECK(certain_hosts(*parse_selection("all"), kFive)->size() == 5);
  CHECK(certain_hosts(*parse_selection("100%,x1"), kFive)->size() == 6);
  CHECK_FALSE(certain_hosts(*parse_selection("n1,one"), kFive).has_value());
  CHECK_FALSE(certain_hosts(*parse_selection("leader"), HostCounts{.nodes = 1}).has_value());
  CHECK(is_host("n5", kFive));
  CHECK_FALSE(is_host("n6", kFive));
  CHECK_FALSE(is_host("all", kFive));
}
