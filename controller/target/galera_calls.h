#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/target/maria_connection.h"
#include "controller/target/shape.h"
#include "controller/workload/client.h"

// What calls are in MariaDB's SQL, and what the answers mean. Pure.
namespace fracas::controller::galera {

inline constexpr const char* kDatabase = "store";

// What is done once before the first call: the database, its tables, and the accounts of a bank.
std::vector<std::string> preparation(std::uint32_t accounts, std::uint32_t balance);

// REQUIRES: a call of a workload of that shape, but no transfer; Shape::other is a bank. Keys are the workload's own:
// letters and digits.
std::string statement_of(const Call& call, Shape shape);
Answer answer_of(const Call& call, Shape shape, const MariaConnection::Rows& rows);

// A transfer, which is a transaction of several statements: it reads both balances and writes what they are to be.
struct Transfer {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t amount = 0;
};
Transfer transfer_of(const Call& call);
std::string balances_of(const Transfer& transfer, bool locking);
// The new balances, one statement each; nothing where the account has too little, or there is no such account.
std::optional<std::vector<std::string>> moves_of(const Transfer& transfer, const MariaConnection::Rows& balances);

// Whether a failure says for certain that nothing was committed. Source: MariaDB's error codes; 1213 is also how Galera
// tells that another server's transaction came first, 1047 that it is not part of a majority.
bool is_definite(const MariaConnection::Failure& failure);
// Whether another server might do what this one refused.
bool should_ask_another(const MariaConnection::Failure& failure);

}  // namespace fracas::controller::galera
