#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.h"

struct sqlite3;

// SQLite behind a thin wrapper: statements in, rows out. Nobody else includes sqlite3.h.
namespace fracas::controller {

// NULL, an integer, a real or a text; a bool is an integer.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

// One row of an answer; columns are counted from 0. What has another type reads as 0 or "".
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  std::string text(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  bool flag(std::size_t column) const { return integer(column) != 0; }
  bool null(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

class Transaction;

// One database file, write-ahead logged: what was committed survives a SIGKILL at any moment, and readers in other
// processes are never in the way. Thread: any; calls take turns.
class Database {
 public:
  // Makes the file (mode 0600) if it is missing and brings its schema up to date (schema.h). ":memory:" makes one for
  // tests. ERRORS: not a database, a newer schema than this program knows, no permission.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One statement; `values` stand for its ?1, ?2, …. ERRORS: "database: " and SQLite's words.
  Result<std::vector<Row>> query(const std::string& sql, const std::vector<Value>& values = {});
  Status run(const std::string& sql, const std::vector<Value>& values = {});
  // How many rows the last `run` changed. REQUIRES: a transaction, else another thread may have come between.
  std::int64_t changes() const;

  // BEGIN IMMEDIATE; other threads wait until it ends. It is rolled back unless committed. Inside of another one of the
  // same thread it is a part of that: what it commits is kept once the outermost one is committed.
  Result<Transaction> begin();

 private:
  friend class Transaction;
  Database() = default;
  Result<std::vector<Row>> step(const std::string& sql, const std::vector<Value>& values);

  sqlite3* handle_ = nullptr;
  std::recursive_mutex mutex_;
  int open_transactions_ = 0;  // inside of each other
};

// Thread: the one that began it, which may go on calling the database.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  friend class Database;
  explicit Transaction(Database& database) : database_(&database), lock_(database.mutex_) {}
  Database* database_;  // null once committed or moved from
  std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace fracas::controller
