#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "controller/store/row.h"
#include "lib/base/result.h"

// The controller's store: statements in, rows out.
namespace fracas::controller {

class Engine;
class Transaction;

// A file of SQLite, for one controller, or a database of PostgreSQL, for several. Both keep what was committed over a
// SIGKILL at any moment. Thread: any; calls take turns.
class Database {
 public:
  // Makes the file (mode 0600) if it is missing and brings its schema up to date (schema.h). ":memory:" makes one for
  // tests. ERRORS: not a database, a newer schema than this program knows, no permission.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);
  // The same in a database that is there, in the first schema of its search path. `settings` as libpq takes them:
  // "postgresql://fracas@db.example/fracas", "host=/run/postgresql dbname=fracas". A lost session is replaced by the
  // next statement, but see try_lead(). A statement that has no answer after three seconds fails.
  static Result<std::unique_ptr<Database>> open_postgres(const std::string& settings);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One statement; `values` stand for its ?1, ?2, …. ERRORS: "database: " and the words of SQLite or PostgreSQL.
  Result<std::vector<Row>> query(const std::string& sql, const std::vector<Value>& values = {});
  Status run(const std::string& sql, const std::vector<Value>& values = {});
  // How many rows the last statement changed. REQUIRES: a transaction, else another thread may have come between.
  std::int64_t changes() const { return changes_; }

  // Nobody else has a transaction meanwhile, in this process or another. It is rolled back unless committed. Inside of
  // another one of the same thread it is a part of that: what it commits is kept once the outermost one is committed.
  Result<Transaction> begin();

  // Whether this process leads all that use the store. Once true it holds as long as this session: in PostgreSQL an
  // advisory lock of the session, which is never replaced from then on, so that a leader that lost its lock can write
  // nothing. The session ends, on PostgreSQL 14 and later, when nothing is asked for four seconds: ask twice a second.
  // In SQLite always true. Source: PostgreSQL 15, "Advisory Locks" and "idle_session_timeout".
  Result<bool> try_lead();

 private:
  friend class Transaction;
  explicit Database(std::unique_ptr<Engine> engine);
  // Takes what is missing of the schema's steps. ERRORS: it is newer than this program, or the engine's.
  Status bring_up_to_date();

  std::unique_ptr<Engine> engine_;
  std::recursive_mutex mutex_;
  int open_transactions_ = 0;  // inside of each other
  std::int64_t changes_ = 0;
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
