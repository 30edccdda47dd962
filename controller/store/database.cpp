#include "controller/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "controller/store/schema.h"
#include "lib/os/fd.h"

namespace fracas::controller {
namespace {

constexpr int kBusyMs = 5000;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

int bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, place, *integer);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, place, *real);
  if (const auto* text = std::get_if<std::string>(&value))
    return sqlite3_bind_text64(statement, place, text->data(), text->size(), nullptr, SQLITE_UTF8);
  return sqlite3_bind_null(statement, place);
}

Value column(sqlite3_stmt* statement, int place) {
  switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, place)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, place);
    case SQLITE_NULL:
      return std::monostate();
    default:
      break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, place));
  return std::string(text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(statement, place)));
}

Row read_row(sqlite3_stmt* statement) {
  std::vector<Value> values;
  const int count = sqlite3_column_count(statement);
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(column(statement, i));
  return Row(std::move(values));
}

tl::unexpected<Error> complaint(sqlite3* handle) {
  return failure(std::string("database: ") + sqlite3_errmsg(handle));
}

}  // namespace

std::string Row::text(std::size_t column) const {
  const auto* text = std::get_if<std::string>(&values_.at(column));
  return text == nullptr ? "" : *text;
}

std::int64_t Row::integer(std::size_t column) const {
  const auto* integer = std::get_if<std::int64_t>(&values_.at(column));
  return integer == nullptr ? 0 : *integer;
}

double Row::real(std::size_t column) const {
  const auto* real = std::get_if<double>(&values_.at(column));
  return real == nullptr ? static_cast<double>(integer(column)) : *real;
}

bool Row::null(std::size_t column) const {
  return std::holds_alternative<std::monostate>(values_.at(column));
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
  // SQLite would make it with the umask's mode; it holds hashes of tokens and is nobody else's business.
  if (file != ":memory:") {
    const os::UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!made) return system_failure(file.string());
  }
  std::unique_ptr<Database> database(new Database());
  if (sqlite3_open_v2(file.c_str(), &database->handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) !=
      SQLITE_OK)
    return failure(complaint(database->handle_).value().context(file.string()));
  sqlite3_busy_timeout(database->handle_, kBusyMs);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"})
    if (auto set = database->query(pragma); !set) return failure(std::move(set).error().context(file.string()));
  if (auto ready = bring_up_to_date(*database); !ready) return failure(std::move(ready).error().context(file.string()));
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<std::vector<Row>> Database::step(const std::string& sql, const std::vector<Value>& values) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    return complaint(handle_);
  const Prepared statement(raw);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (bind(statement.get(), static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return complaint(handle_);
  std::vector<Row> rows;
  for (;;) {
    const int answer = sqlite3_step(statement.get());
    if (answer == SQLITE_DONE) return rows;
    if (answer != SQLITE_ROW) return complaint(handle_);
    rows.push_back(read_row(statement.get()));
  }
}

Result<std::vector<Row>> Database::query(const std::string& sql, const std::vector<Value>& values) {
  const std::scoped_lock lock(mutex_);
  return step(sql, values);
}

Status Database::run(const std::string& sql, const std::vector<Value>& values) {
  const std::scoped_lock lock(mutex_);
  if (auto done = step(sql, values); !done) return failure(std::move(done).error());
  return {};
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

Result<Transaction> Database::begin() {
  Transaction transaction(*this);
  if (auto begun = run(open_transactions_ == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT part"); !begun) {
    transaction.database_ = nullptr;
    return failure(std::move(begun).error());
  }
  ++open_transactions_;
  return transaction;
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), lock_(std::move(other.lock_)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  const bool outermost = --database_->open_transactions_ == 0;
  static_cast<void>(database_->run(outermost ? "ROLLBACK" : "ROLLBACK TO part"));
  if (!outermost) static_cast<void>(database_->run("RELEASE part"));
}

Status Transaction::commit() {
  auto done = database_->run(database_->open_transactions_ == 1 ? "COMMIT" : "RELEASE part");
  if (!done) return done;
  --database_->open_transactions_;
  database_ = nullptr;
  return done;
}

}  // namespace fracas::controller
