#include "controller/postgres/pg_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};

// False when the time is over.
bool wait_for(int socket, short events, std::int64_t deadline_ns) {
  const std::int64_t left_ms = (deadline_ns - os::boot_now_ns() + 999'999) / 1'000'000;
  if (left_ms <= 0) return false;
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  return ::poll(&waiting, 1, static_cast<int>(left_ms)) > 0;
}

// libpq ends its messages with a newline, and some have several lines.
std::string first_line(const char* message) {
  const std::string text = message != nullptr ? message : "";
  return text.substr(0, text.find('\n'));
}

PgConnection::Rows rows_of(const PGresult* result) {
  auto* const told = const_cast<PGresult*>(result);
  PgConnection::Rows rows{.rows = {}, .affected = PQcmdTuples(told), .tag = PQcmdStatus(told)};
  for (int column = 0; column < PQnfields(result); ++column) rows.types.push_back(PQftype(result, column));
  for (int row = 0; row < PQntuples(result); ++row) {
    PgConnection::Row& values = rows.rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column)
      values.push_back(PQgetisnull(result, row, column) != 0
                           ? std::nullopt
                           : std::optional<std::string>(PQgetvalue(result, row, column)));
  }
  return rows;
}

}  // namespace

void PgConnection::Free::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

PgConnection::PgConnection(std::string settings) : settings_(std::move(settings)) {}
PgConnection::PgConnection(PgConnection&&) noexcept = default;
PgConnection::~PgConnection() = default;

std::string PgConnection::address() const {
  const char* const address = connection_ ? PQhostaddr(connection_.get()) : nullptr;
  return address != nullptr ? address : "";
}

std::optional<PgConnection::Failure> PgConnection::connect(std::int64_t deadline_ns) {
  if (connection_) return std::nullopt;
  connection_.reset(PQconnectStart(settings_.c_str()));
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (connection_ && PQstatus(connection_.get()) != CONNECTION_BAD && next != PGRES_POLLING_FAILED) {
    if (next == PGRES_POLLING_OK) {
      PQsetnonblocking(connection_.get(), 1);
      return std::nullopt;
    }
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(connection_.get()), events, deadline_ns)) break;
    next = PQconnectPoll(connection_.get());
  }
  Failure failed{.error = "connect: " + first_line(connection_ ? PQerrorMessage(connection_.get()) : nullptr)};
  connection_.reset();
  return failed;
}

tl::expected<PgConnection::Rows, PgConnection::Failure> PgConnection::execute(
    const std::string& statement, const std::vector<std::string>& parameters, std::int64_t deadline_ns) {
  if (auto failed = connect(deadline_ns)) return tl::unexpected(*std::move(failed));
  std::vector<const char*> texts;
  for (const std::string& parameter : parameters) texts.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(texts.size()), nullptr, texts.data(),
                        nullptr, nullptr, 0) == 0) {
    // What is wrong is known before anything is written, or the connection was lost before.
    Failure failed{.error = first_line(PQerrorMessage(connection_.get()))};
    connection_.reset();
    return tl::unexpected(std::move(failed));
  }
  auto rows = read_result(deadline_ns);
  if (!rows && rows.error().sqlstate.empty()) connection_.reset();
  return rows;
}

tl::expected<PgConnection::Rows, PgConnection::Failure> PgConnection::read_result(std::int64_t deadline_ns) {
  pg_conn* const connection = connection_.get();
  const auto lost = [&](std::string error) {
    return tl::unexpected(Failure{.error = std::move(error), .sqlstate = {}, .sent = true});
  };
  for (int left = 1; left != 0;) {
    left = PQflush(connection);
    if (left < 0) return lost(first_line(PQerrorMessage(connection)));
    if (left > 0 && !wait_for(PQsocket(connection), POLLOUT, deadline_ns)) return lost("no answer in time");
  }
  // The server says that a statement is complete before it has committed: it counts when nothing more comes.
  std::unique_ptr<PGresult, FreeResult> result;
  for (;;) {
    while (PQisBusy(connection) != 0) {
      if (!wait_for(PQsocket(connection), POLLIN, deadline_ns)) return lost("no answer in time");
      if (PQconsumeInput(connection) == 0) return lost(first_line(PQerrorMessage(connection)));
    }
    std::unique_ptr<PGresult, FreeResult> next(PQgetResult(connection));
    if (!next) break;
    if (!result || PQresultStatus(next.get()) == PGRES_FATAL_ERROR) result = std::move(next);
  }
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return rows_of(result.get());
  const char* const state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  if (state == nullptr) return lost(first_line(PQresultErrorMessage(result.get())));
  return tl::unexpected(
      Failure{.error = first_line(PQresultErrorMessage(result.get())), .sqlstate = state, .sent = true});
}

}  // namespace fracas::controller
