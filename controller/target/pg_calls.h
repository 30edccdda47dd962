#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "controller/postgres/pg_connection.h"
#include "controller/target/shape.h"
#include "controller/workload/client.h"

// What calls are in SQL, each one statement, and what the answers mean. Pure.
namespace fracas::controller::pg {

struct Statement {
  std::string text;
  std::vector<std::string> parameters = {};
};

// What is done once before the first call: the tables, and the accounts of a bank.
std::vector<Statement> preparation(std::uint32_t accounts, std::uint32_t balance);

// REQUIRES: a call of a workload of that shape; Shape::other is a bank.
Statement statement_of(const Call& call, Shape shape);

Answer answer_of(const Call& call, Shape shape, const PgConnection::Rows& rows);

// Whether a failure says for certain that nothing was committed. "terminating connection" is not among them: the commit
// may have been waiting for a replica. Source: PostgreSQL 15, appendix A (SQLSTATE).
bool is_definite(const PgConnection::Failure& failure);

}  // namespace fracas::controller::pg
