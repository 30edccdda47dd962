#include "checker/explain/picture.h"

#include "checker/catalogue.h"
#include "checker/explain/svg_canvas.h"
#include "checker/explain/time_axis.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

Counterexample stale_read() {
  Rows rows;
  rows.whole("a", "write", Rows::number(1), Rows::number(1)).whole("b", "write", Rows::number(2), Rows::number(2));
  rows.whole("c", "read", {}, Rows::number(1));
  const std::vector<model::FaultWindow> faults{{"cut#1", "cut", "net.partition", "n1 | n2", 2'000'000, 9'000'000, {}}};
  Request request;
  request.faults = faults;
  const auto result = check(std::move(rows).finish(), **find_model("register"), request);
  REQUIRE(result);
  REQUIRE(result->counterexample);
  return *result->counterexample;
}

}  // namespace

TEST_CASE("picture: lanes show every operation, the order as numbers and what is refused", "[unit][checker]") {
  const std::string svg = draw(stale_read());
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count(svg, "class=\"bar\"") == 2);
  CHECK(count(svg, "class=\"badbar\"") == 1);
  CHECK(count(svg, "class=\"dot\"") == 2);
  CHECK(count(svg, "class=\"band\"") == 1);
  CHECK(svg.find("cut#1: net.partition n1 | n2") != std::string::npos);
  CHECK(svg.find("then c&#39;s") == std::string::npos);
  CHECK(svg.find("then c's read 1 does not fit: 2 is held") != std::string::npos);
  CHECK(svg.size() < 20'000);
}

TEST_CASE("picture: texts from outside cannot become markup", "[unit][checker]") {
  Counterexample example;
  example.sentence = "<script>alert(1)</script> & \"more\" \x01 \xff";
  example.operations.push_back({"<b>", {}, "read", {}, "</text>", Outcome::ok, 1, 2});
  const std::string svg = draw(example);
  CHECK(svg.find("<script>") == std::string::npos);
  CHECK(svg.find("&lt;script&gt;") != std::string::npos);
  CHECK(svg.find("&lt;/text&gt;") != std::string::npos);
  CHECK(svg.find('\x01') == std::string::npos);
  CHECK(svg.find('\xff') == std::string::npos);
}

TEST_CASE("picture: many operations with long values stay small", "[unit][checker]") {
  Counterexample example;
  example.sentence = "forty operations";
  for (int i = 0; i < 40; ++i) {
    ShownOperation each{
        "client " + std::to_string(i % 12), "n1", "write", std::string(400, 'x'), {}, Outcome::ok, i, i + 9};
    if (i % 5 == 0) each.outcome = Outcome::info, each.return_ns = kNever;
    example.operations.push_back(each);
  }
  const std::string svg = draw(example);
  CHECK(svg.size() < 60'000);
  CHECK(count(svg, "class=\"open\"") == 8);
}

TEST_CASE("picture: transactions that form a circle are boxes in its order", "[unit][checker]") {
  Counterexample example;
  example.sentence = "G1c: 2 transactions would each have to come before the next";
  example.operations.push_back({"p1", {}, "txn", "[append x 1] [r y [2]]", {}, Outcome::ok, 1, 2});
  example.operations.push_back({"p2", {}, "txn", "[append y 2] [r x [1]]", {}, Outcome::ok, 1, 2});
  example.cycle = {{0, 1, "wr", "T1 appended 1 to x, which T2 read"},
                   {1, 0, "wr", "T2 appended 2 to y, which T1 read"}};
  const std::string svg = draw(example);
  CHECK(count(svg, "class=\"box\"") == 2);
  CHECK(svg.find("wr: T1 appended 1 to x, which T2 read") < svg.find("wr: T2 appended 2 to y, which T1 read"));
}

TEST_CASE("picture: there is none of nothing", "[unit][checker]") {
  CHECK(draw({}).empty());
}

TEST_CASE("picture: the axis keeps the order of moments, and the room that was asked for", "[unit][checker]") {
  TimeAxis axis({5, 1, 1'000'000'000, 6, 5}, 10);
  axis.demand(5, 6, 200);
  axis.settle(0);
  CHECK(axis.x(1) == 10.0);
  CHECK(axis.x(5) > axis.x(1));
  CHECK(axis.x(6) >= axis.x(5) + 200);
  CHECK(axis.x(1'000'000'000) > axis.x(6));
  TimeAxis wide({1, 2, 3}, 10);
  wide.settle(610);
  CHECK(wide.end() == 610.0);
  CHECK(wide.x(2) == 310.0);
}

TEST_CASE("picture: texts are shortened by letters and not by bytes", "[unit][checker]") {
  CHECK(columns_of("é→x") == 3);
  CHECK(shortened("é→x", 3) == "é→x");
  CHECK(shortened("é→xy", 3) == "é→…");
}

}  // namespace fracas::checker::tests
