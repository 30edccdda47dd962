#include "controller/target/galera_calls.h"

#include "controller/target/galera_node.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Call;
using controller::MariaConnection;
using controller::Shape;
using model::EventType;
using model::Function;
using model::Json;
namespace galera = controller::galera;

const Call kRead{.function = Function::read, .key = "k7", .value = {}};

MariaConnection::Rows rows(std::vector<MariaConnection::Row> values) {
  return {.rows = std::move(values), .affected = 0};
}

MariaConnection::Failure refused(unsigned code) {
  return {.error = "?", .code = code, .sent = true};
}

}  // namespace

TEST_CASE("galera: a call is one statement", "[unit][controller]") {
  const Call cas{.function = Function::cas, .key = "k7", .value = std::pair<std::int64_t, std::int64_t>(1, 2)};
  CHECK(galera::statement_of(cas, Shape::single) == "UPDATE registers SET value = 2 WHERE id = 'k7' AND value = 1");
  CHECK(galera::answer_of(cas, Shape::single, rows({})).type == EventType::fail);
  CHECK(galera::answer_of(cas, Shape::single, {.rows = {}, .affected = 1}).type == EventType::ok);
  CHECK(galera::statement_of(kRead, Shape::set) == "SELECT value FROM elements WHERE id = 'k7'");
}

TEST_CASE("galera: rows become what the history shows", "[unit][controller]") {
  CHECK(galera::answer_of(kRead, Shape::single, rows({})).value == model::Value());
  CHECK(galera::answer_of(kRead, Shape::single, rows({{"12"}})).value == model::Value(std::int64_t{12}));
  CHECK(galera::answer_of(kRead, Shape::set, rows({{"2"}, {"1"}})).value ==
        model::Value(std::vector<std::int64_t>{2, 1}));
  CHECK(galera::answer_of(kRead, Shape::list, rows({{"3 1 2"}})).value ==
        model::Value(std::vector<std::int64_t>{3, 1, 2}));
  CHECK(galera::answer_of(kRead, Shape::list, rows({})).value == model::Value(std::vector<std::int64_t>{}));
  CHECK(galera::answer_of(kRead, Shape::other, rows({{"0", "95"}})).value == model::Value(Json{R"({"0":95})"}));
}

TEST_CASE("galera: a transfer writes what it computed from what it read", "[unit][controller]") {
  const auto transfer = galera::transfer_of(
      {.function = Function::transfer, .key = {}, .value = Json{R"({"from":1,"to":0,"amount":5})"}});
  CHECK(galera::balances_of(transfer, true) ==
        "SELECT id, balance FROM accounts WHERE id IN (1, 0) ORDER BY id FOR UPDATE");
  const auto moves = galera::moves_of(transfer, rows({{"0", "10"}, {"1", "5"}}));
  REQUIRE(moves.has_value());
  CHECK(*moves == std::vector<std::string>{"UPDATE accounts SET balance = 15 WHERE id = 0",
                                           "UPDATE accounts SET balance = 0 WHERE id = 1"});
  CHECK(!galera::moves_of(transfer, rows({{"0", "10"}, {"1", "4"}})));
  CHECK(!galera::moves_of(transfer, rows({{"1", "10"}})));
}

TEST_CASE("galera: what may have been committed is not certain not to be", "[unit][controller]") {
  CHECK(galera::is_definite(refused(1213)));   // another server's transaction came first
  CHECK(galera::is_definite(refused(1047)));   // no majority
  CHECK(!galera::is_definite(refused(1180)));  // an error during COMMIT
  CHECK(!galera::is_definite(refused(0)));     // no answer
  CHECK(galera::is_definite({.error = "connect: refused"}));
  CHECK(galera::should_ask_another(refused(1047)));
  CHECK(!galera::should_ask_another(refused(1213)));
}

TEST_CASE("galera: every server says who it is among the same members", "[unit][controller]") {
  const std::string first = controller::galera_saved_view(3, 0);
  const std::string third = controller::galera_saved_view(3, 2);
  CHECK(first.starts_with("my_uuid: 00000001-0000-11ee-8000-000000000000\n#vwbeg\n"));
  CHECK(third.starts_with("my_uuid: 00000003-"));
  CHECK(first.substr(first.find("#vwbeg")) == third.substr(third.find("#vwbeg")));
}
