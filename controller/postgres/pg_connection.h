#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

struct pg_conn;
struct pg_result;

namespace fracas::controller {

// A connection to PostgreSQL, or to the one of several servers that takes writes. Thread: one.
class PgConnection {
 public:
  using Row = std::vector<std::optional<std::string>>;  // nothing: NULL
  struct Rows {
    std::vector<Row> rows;
    std::string affected;                // "1": how many rows were changed
    std::string tag{};                   // "UPDATE 1", "COMMIT": what was done
    std::vector<std::uint32_t> types{};  // of the columns, as pg_type numbers them
  };
  // What went wrong with a statement.
  struct Failure {
    std::string error;
    std::string sqlstate{};  // five characters; empty where the server did not answer
    bool sent = false;       // it may have been done
  };

  // `settings` as libpq takes them: "host=10.77.0.11,10.77.0.12 port=5432 target_session_attrs=read-write". Connects at
  // the first statement.
  explicit PgConnection(std::string settings);
  PgConnection(PgConnection&&) noexcept;
  ~PgConnection();

  // One statement, by itself a transaction, with $1, $2, … for the parameters; waits until the deadline
  // (CLOCK_BOOTTIME). After a failure without an SQLSTATE the next statement connects anew.
  tl::expected<Rows, Failure> execute(const std::string& statement, const std::vector<std::string>& parameters,
                                      std::int64_t deadline_ns);
  // The address it is connected to; empty where it is not.
  std::string address() const;
  // Whether there is a session, as far as the last statement saw.
  bool connected() const { return connection_ != nullptr; }

 private:
  struct Free {
    void operator()(pg_conn* connection) const;
  };
  std::optional<Failure> connect(std::int64_t deadline_ns);
  tl::expected<Rows, Failure> read_result(std::int64_t deadline_ns);

  std::string settings_;
  std::unique_ptr<pg_conn, Free> connection_;
};

}  // namespace fracas::controller
