#include "controller/target/galera_calls.h"
#include "controller/target/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

namespace fracas::controller::galera {
namespace {

using model::EventType;
using model::Function;
using nlohmann::json;

constexpr unsigned kTooManyConnections = 1040;
constexpr unsigned kNotReady = 1047;
constexpr unsigned kDuplicate = 1062;
constexpr unsigned kNoTable = 1146;
constexpr unsigned kLockTimeout = 1205;
constexpr unsigned kDeadlock = 1213;
constexpr unsigned kReadOnly = 1290;

std::string read_of(const Call& call, Shape shape) {
  if (shape == Shape::set) return fmt::format("SELECT value FROM elements WHERE id = '{}'", call.key);
  if (shape == Shape::list) return fmt::format("SELECT value FROM lists WHERE id = '{}'", call.key);
  if (shape == Shape::single) return fmt::format("SELECT value FROM registers WHERE id = '{}'", call.key);
  return "SELECT id, balance FROM accounts";
}

model::Value numbers_of(const MariaConnection::Rows& rows) {
  std::vector<std::int64_t> numbers;
  for (const MariaConnection::Row& row : rows.rows) numbers.push_back(number_of(row.front()));
  return numbers;
}

// A list is kept as a text, "3 1 2".
model::Value list_of(const MariaConnection::Rows& rows) {
  std::vector<std::int64_t> list;
  std::istringstream numbers(rows.rows.empty() ? std::string() : rows.rows.front().front().value_or(""));
  for (std::int64_t number = 0; numbers >> number;) list.push_back(number);
  return list;
}

model::Value balances_in(const MariaConnection::Rows& rows) {
  json balances = json::object();
  for (const MariaConnection::Row& row : rows.rows) balances[row[0].value_or("")] = number_of(row[1]);
  return model::Json{balances.dump()};
}

}  // namespace

std::vector<std::string> preparation(std::uint32_t accounts, std::uint32_t balance) {
  std::vector<std::string> statements{
      "CREATE DATABASE IF NOT EXISTS store",
      "CREATE TABLE IF NOT EXISTS store.registers (id varchar(64) PRIMARY KEY, value bigint) ENGINE=InnoDB",
      "CREATE TABLE IF NOT EXISTS store.lists (id varchar(64) PRIMARY KEY, value mediumtext) ENGINE=InnoDB",
      "CREATE TABLE IF NOT EXISTS store.elements (id varchar(64), value bigint, PRIMARY KEY (id, value)) ENGINE=InnoDB",
      "CREATE TABLE IF NOT EXISTS store.accounts (id bigint PRIMARY KEY, balance bigint) ENGINE=InnoDB"};
  for (std::uint32_t account = 0; account < accounts; ++account)
    statements.push_back(fmt::format("INSERT INTO store.accounts VALUES ({}, {})", account, balance));
  return statements;
}

std::string statement_of(const Call& call, Shape shape) {
  const auto number = [&] { return std::get<std::int64_t>(call.value); };
  switch (call.function) {
    case Function::write:
      return fmt::format("INSERT INTO registers VALUES ('{}', {}) ON DUPLICATE KEY UPDATE value = VALUES(value)",
                         call.key, number());
    case Function::append:
      return fmt::format(
          "INSERT INTO lists VALUES ('{}', '{}') ON DUPLICATE KEY UPDATE value = CONCAT(value, ' ', VALUES(value))",
          call.key, number());
    case Function::add:
      return fmt::format("INSERT INTO elements VALUES ('{}', {})", call.key, number());
    case Function::cas: {
      const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
      return fmt::format("UPDATE registers SET value = {} WHERE id = '{}' AND value = {}", desired, call.key, expected);
    }
    default:
      return read_of(call, shape);
  }
}

Answer answer_of(const Call& call, Shape shape, const MariaConnection::Rows& rows) {
  if (call.function == Function::cas && rows.affected == 0) return {.type = EventType::fail, .error = "mismatch"};
  Answer answer{.type = EventType::ok};
  if (call.function != Function::read) return answer;
  if (shape == Shape::other) {
    answer.value = balances_in(rows);
  } else if (shape == Shape::list) {
    answer.value = list_of(rows);
  } else if (shape == Shape::set) {
    answer.value = numbers_of(rows);
  } else if (!rows.rows.empty()) {
    answer.value = number_of(rows.rows.front().front());
  }
  return answer;
}

Transfer transfer_of(const Call& call) {
  const json transfer = json::parse(std::get<model::Json>(call.value).text);
  const auto number = [&](const char* member) { return transfer[member].get<std::int64_t>(); };
  return {.from = number("from"), .to = number("to"), .amount = number("amount")};
}

std::string balances_of(const Transfer& transfer, bool locking) {
  return fmt::format("SELECT id, balance FROM accounts WHERE id IN ({}, {}) ORDER BY id{}", transfer.from, transfer.to,
                     locking ? " FOR UPDATE" : "");
}

std::optional<std::vector<std::string>> moves_of(const Transfer& transfer, const MariaConnection::Rows& balances) {
  std::map<std::int64_t, std::int64_t> held;
  for (const MariaConnection::Row& row : balances.rows) held[number_of(row[0])] = number_of(row[1]);
  if (!held.contains(transfer.from) || !held.contains(transfer.to) || held[transfer.from] < transfer.amount)
    return std::nullopt;
  held[transfer.from] -= transfer.amount;
  held[transfer.to] += transfer.amount;
  std::vector<std::string> moves;
  for (const auto& [account, balance] : held)
    moves.push_back(fmt::format("UPDATE accounts SET balance = {} WHERE id = {}", balance, account));
  return moves;
}

bool is_definite(const MariaConnection::Failure& failure) {
  static constexpr std::array kCodes{kTooManyConnections, kNotReady, kDuplicate, kNoTable,
                                     kLockTimeout,        kDeadlock, kReadOnly};
  return !failure.sent || std::ranges::count(kCodes, failure.code) > 0;
}

bool should_ask_another(const MariaConnection::Failure& failure) {
  return !failure.sent || failure.code == kNotReady || failure.code == kReadOnly || failure.code == kTooManyConnections;
}

}  // namespace fracas::controller::galera
