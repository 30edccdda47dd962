#include "controller/target/maria_connection.h"

#include <mariadb/mysql.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr unsigned kPort = 3306;
constexpr unsigned kClientErrorsFrom = 2000;  // up to 2999: the library's own
constexpr unsigned kClientErrorsTo = 2999;

// Waits for what the library asks for; what came of it, in its terms.
int wait_for(st_mysql* connection, int waits_for, std::int64_t deadline_ns) {
  const std::int64_t left_ms = (deadline_ns - os::boot_now_ns()) / 1'000'000;
  if (left_ms <= 0) return MYSQL_WAIT_TIMEOUT;
  pollfd poller{.fd = mysql_get_socket(connection), .events = 0, .revents = 0};
  if ((waits_for & MYSQL_WAIT_READ) != 0) poller.events |= POLLIN;
  if ((waits_for & MYSQL_WAIT_WRITE) != 0) poller.events |= POLLOUT;
  if (::poll(&poller, 1, static_cast<int>(left_ms)) <= 0) return MYSQL_WAIT_TIMEOUT;
  int events = 0;
  if ((poller.revents & (POLLIN | POLLERR | POLLHUP)) != 0) events |= MYSQL_WAIT_READ;
  if ((poller.revents & POLLOUT) != 0) events |= MYSQL_WAIT_WRITE;
  return events;
}

}  // namespace

void MariaConnection::Free::operator()(st_mysql* connection) const {
  mysql_close(connection);
}

MariaConnection::MariaConnection(std::string address, std::string database)
    : address_(std::move(address)), database_(std::move(database)) {}
MariaConnection::MariaConnection(MariaConnection&&) noexcept = default;
MariaConnection::~MariaConnection() = default;

// Carries a call of the library that was begun to its end; false where the deadline came first. The library is told of
// the deadline as of a timeout, with which it ends the call: it is never left in the middle of one.
bool MariaConnection::finish(int waits_for, std::int64_t deadline_ns, const std::function<int(int events)>& go_on) {
  bool in_time = true;
  while (waits_for != 0) {
    const int events = wait_for(connection_.get(), waits_for, deadline_ns);
    in_time = in_time && events != MYSQL_WAIT_TIMEOUT;
    waits_for = go_on(events);
  }
  return in_time;
}

MariaConnection::Failure MariaConnection::failed() {
  const unsigned code = mysql_errno(connection_.get());
  Failure failure{.error = mysql_error(connection_.get()), .code = code, .sent = true};
  if (code >= kClientErrorsFrom && code <= kClientErrorsTo) {
    failure.code = 0;
    connection_.reset();
  }
  return failure;
}

std::optional<MariaConnection::Failure> MariaConnection::connect(std::int64_t deadline_ns) {
  if (connection_) return std::nullopt;
  connection_.reset(mysql_init(nullptr));
  if (!connection_) return Failure{.error = "no memory for a connection"};
  mysql_options(connection_.get(), MYSQL_OPT_NONBLOCK, nullptr);
  st_mysql* made = nullptr;
  const int waits_for =
      mysql_real_connect_start(&made, connection_.get(), address_.c_str(), "root", nullptr,
                               database_.empty() ? nullptr : database_.c_str(), kPort, nullptr, CLIENT_FOUND_ROWS);
  const bool in_time = finish(waits_for, deadline_ns,
                              [&](int events) { return mysql_real_connect_cont(&made, connection_.get(), events); });
  if (in_time && made != nullptr) return std::nullopt;
  std::string why = in_time ? mysql_error(connection_.get()) : "no answer in time";
  connection_.reset();
  return Failure{.error = "connect: " + std::move(why)};
}

tl::expected<MariaConnection::Rows, MariaConnection::Failure> MariaConnection::execute(const std::string& statement,
                                                                                       std::int64_t deadline_ns) {
  if (auto failure = connect(deadline_ns)) return tl::unexpected(*std::move(failure));
  int outcome = 0;
  const int waits_for = mysql_real_query_start(&outcome, connection_.get(), statement.data(),
                                               static_cast<unsigned long>(statement.size()));
  const bool in_time = finish(waits_for, deadline_ns,
                              [&](int events) { return mysql_real_query_cont(&outcome, connection_.get(), events); });
  if (!in_time) {
    connection_.reset();
    return tl::unexpected(Failure{.error = "no answer in time", .sent = true});
  }
  if (outcome != 0) return tl::unexpected(failed());
  return read_rows(deadline_ns);
}

tl::expected<MariaConnection::Rows, MariaConnection::Failure> MariaConnection::read_rows(std::int64_t deadline_ns) {
  MYSQL_RES* raw = nullptr;
  const bool in_time = finish(mysql_store_result_start(&raw, connection_.get()), deadline_ns,
                              [&](int events) { return mysql_store_result_cont(&raw, connection_.get(), events); });
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(raw, mysql_free_result);
  if (!in_time) {
    connection_.reset();
    return tl::unexpected(Failure{.error = "no answer in time", .sent = true});
  }
  if (!result && mysql_field_count(connection_.get()) != 0) return tl::unexpected(failed());
  Rows rows{.affected = mysql_affected_rows(connection_.get())};
  if (!result) return rows;
  const unsigned columns = mysql_num_fields(raw);
  while (const MYSQL_ROW row = mysql_fetch_row(raw)) {
    const unsigned long* const lengths = mysql_fetch_lengths(raw);
    Row& read = rows.rows.emplace_back();
    for (unsigned i = 0; i < columns; ++i)
      read.push_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
  }
  return rows;
}

}  // namespace fracas::controller
