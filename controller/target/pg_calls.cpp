#include "controller/target/pg_calls.h"
#include "controller/target/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

namespace fracas::controller::pg {
namespace {

using model::EventType;
using model::Function;
using nlohmann::json;

std::string number_in(const Call& call) {
  return std::to_string(std::get<std::int64_t>(call.value));
}

Statement read_of(const Call& call, Shape shape) {
  if (shape == Shape::set) return {"SELECT value FROM elements WHERE key = $1", {call.key}};
  if (shape == Shape::list) return {"SELECT unnest(value) FROM lists WHERE key = $1", {call.key}};
  if (shape == Shape::single) return {"SELECT value FROM registers WHERE key = $1", {call.key}};
  return {"SELECT id, balance FROM accounts"};
}

Statement transfer_of(const Call& call) {
  const json transfer = json::parse(std::get<model::Json>(call.value).text);
  const auto text = [&](const char* member) { return std::to_string(transfer[member].get<std::int64_t>()); };
  return {
      "UPDATE accounts SET balance = balance + CASE WHEN id = $1::bigint THEN -$3::bigint ELSE $3::bigint END "
      "WHERE id = $1::bigint OR id = $2::bigint",
      {text("from"), text("to"), text("amount")}};
}

}  // namespace

std::vector<Statement> preparation(std::uint32_t accounts, std::uint32_t balance) {
  return {{"CREATE TABLE IF NOT EXISTS registers (key text PRIMARY KEY, value bigint)"},
          {"CREATE TABLE IF NOT EXISTS lists (key text PRIMARY KEY, value bigint[])"},
          {"CREATE TABLE IF NOT EXISTS elements (key text, value bigint, PRIMARY KEY (key, value))"},
          {"CREATE TABLE IF NOT EXISTS accounts (id bigint PRIMARY KEY, balance bigint)"},
          {"INSERT INTO accounts SELECT id, $2::bigint FROM generate_series(0, $1::bigint - 1) AS id",
           {std::to_string(accounts), std::to_string(balance)}}};
}

Statement statement_of(const Call& call, Shape shape) {
  switch (call.function) {
    case Function::write:
      return {"INSERT INTO registers VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
              {call.key, number_in(call)}};
    case Function::append:
      return {
          "INSERT INTO lists VALUES ($1, ARRAY[$2::bigint]) ON CONFLICT (key) DO UPDATE SET value = lists.value || "
          "EXCLUDED.value",
          {call.key, number_in(call)}};
    case Function::add:
      return {"INSERT INTO elements VALUES ($1, $2)", {call.key, number_in(call)}};
    case Function::cas: {
      const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
      return {"UPDATE registers SET value = $3 WHERE key = $1 AND value = $2",
              {call.key, std::to_string(expected), std::to_string(desired)}};
    }
    case Function::transfer:
      return transfer_of(call);
    default:
      return read_of(call, shape);
  }
}

Answer answer_of(const Call& call, Shape shape, const PgConnection::Rows& rows) {
  Answer answer{.type = EventType::ok};
  if (call.function == Function::cas && rows.affected == "0") return {.type = EventType::fail, .error = "mismatch"};
  if (call.function != Function::read) return answer;
  if (shape == Shape::other) {
    json balances = json::object();
    for (const PgConnection::Row& row : rows.rows) balances[row[0].value_or("")] = number_of(row[1]);
    answer.value = model::Json{balances.dump()};
  } else if (shape == Shape::single) {
    if (!rows.rows.empty()) answer.value = number_of(rows.rows.front().front());
  } else {
    std::vector<std::int64_t> elements;
    for (const PgConnection::Row& row : rows.rows) elements.push_back(number_of(row.front()));
    answer.value = std::move(elements);
  }
  return answer;
}

bool is_definite(const PgConnection::Failure& failure) {
  if (!failure.sent) return true;
  // Data, constraint, transaction state (read-only), rollback, syntax; the server is starting; too many connections.
  static constexpr std::array<std::string_view, 7> kBegin{"22", "23", "25", "40", "42", "57P03", "53300"};
  return std::ranges::any_of(kBegin, [&](std::string_view begin) { return failure.sqlstate.starts_with(begin); });
}

}  // namespace fracas::controller::pg
