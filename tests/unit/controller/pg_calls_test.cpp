#include "controller/target/pg_calls.h"

#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using controller::Call;
using controller::PgConnection;
using controller::Shape;
using model::EventType;
using model::Function;
using model::Json;
namespace pg = controller::pg;

const Call kRead{.function = Function::read, .key = "k7", .value = {}};

PgConnection::Rows rows(std::vector<PgConnection::Row> values) {
  return {.rows = std::move(values), .affected = "0"};
}

}  // namespace

TEST_CASE("postgres: a call is one statement with its parameters", "[unit][controller]") {
  using Words = std::vector<std::string>;
  const auto cas = pg::statement_of(
      {.function = Function::cas, .key = "k7", .value = std::pair<std::int64_t, std::int64_t>(1, 2)}, Shape::single);
  CHECK(cas.text == "UPDATE registers SET value = $3 WHERE key = $1 AND value = $2");
  CHECK(cas.parameters == Words{"k7", "1", "2"});
  const auto transfer = pg::statement_of(
      {.function = Function::transfer, .key = {}, .value = Json{R"({"from":0,"to":1,"amount":5})"}}, Shape::other);
  CHECK(transfer.parameters == Words{"0", "1", "5"});
}

TEST_CASE("postgres: rows become what the history shows", "[unit][controller]") {
  CHECK(pg::answer_of(kRead, Shape::single, rows({})).value == model::Value());
  CHECK(pg::answer_of(kRead, Shape::single, rows({{"12"}})).value == model::Value(std::int64_t{12}));
  CHECK(pg::answer_of(kRead, Shape::set, rows({{"2"}, {"1"}})).value == model::Value(std::vector<std::int64_t>{2, 1}));
  const Call balances{.function = Function::read, .key = {}, .value = {}};
  CHECK(pg::answer_of(balances, Shape::other, rows({{"0", "95"}, {"1", "105"}})).value ==
        model::Value(Json{R"({"0":95,"1":105})"}));
  const Call cas{.function = Function::cas, .key = "k7", .value = std::pair<std::int64_t, std::int64_t>(1, 2)};
  CHECK(pg::answer_of(cas, Shape::single, rows({})).type == EventType::fail);
}

TEST_CASE("postgres: what may have been committed is not certain not to happen", "[unit][controller]") {
  const auto failed = [](const char* state) {
    return PgConnection::Failure{.error = "?", .sqlstate = state, .sent = true};
  };
  CHECK(pg::is_definite(failed("25006")));   // read-only: a standby
  CHECK(pg::is_definite(failed("40001")));   // serialisation failure
  CHECK(!pg::is_definite(failed("57P01")));  // terminated, perhaps while it waited for a replica
  CHECK(!pg::is_definite(failed("")));
  CHECK(pg::is_definite({.error = "connect: refused", .sqlstate = {}, .sent = false}));
}
