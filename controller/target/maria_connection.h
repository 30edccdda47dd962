#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

struct st_mysql;

namespace fracas::controller {

// A connection to one MariaDB server. Thread: one.
class MariaConnection {
 public:
  using Row = std::vector<std::optional<std::string>>;  // nothing: NULL
  struct Rows {
    std::vector<Row> rows = {};
    std::uint64_t affected = 0;  // rows that an UPDATE found, also those that were so already
  };
  // What went wrong with a statement.
  struct Failure {
    std::string error;
    unsigned code = 0;  // of the server, such as 1213 for a deadlock; 0 where it did not answer
    bool sent = false;  // it may have been done
  };

  // Connects, as root without a password, at the first statement. `database` may be empty: none.
  MariaConnection(std::string address, std::string database);
  MariaConnection(MariaConnection&&) noexcept;
  ~MariaConnection();

  // One statement, in the session's transaction if there is one, else one by itself; waits until the deadline
  // (CLOCK_BOOTTIME). After a failure without a code the next statement connects anew: an open transaction is gone.
  tl::expected<Rows, Failure> execute(const std::string& statement, std::int64_t deadline_ns);

 private:
  struct Free {
    void operator()(st_mysql* connection) const;
  };
  std::optional<Failure> connect(std::int64_t deadline_ns);
  bool finish(int waits_for, std::int64_t deadline_ns, const std::function<int(int events)>& go_on);
  Failure failed();
  tl::expected<Rows, Failure> read_rows(std::int64_t deadline_ns);

  std::string address_;
  std::string database_;
  std::unique_ptr<st_mysql, Free> connection_;
};

}  // namespace fracas::controller
