#include "controller/store/sqlite_engine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>

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

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(sqlite3* handle) : handle_(handle) {}

  Result<Answer> execute(const std::string& sql, const std::vector<Value>& values) override;
  Status begin() override { return run("BEGIN IMMEDIATE"); }
  Status commit() override { return run("COMMIT"); }
  void rollback() override { static_cast<void>(run("ROLLBACK")); }
  Result<std::size_t> version() override;
  Status set_version(std::size_t version) override { return run(fmt::format("PRAGMA user_version = {}", version)); }
  const SchemaSteps& steps() const override { return sqlite_steps(); }
  // The folder's lock has decided that already.
  Result<bool> try_lead() override { return true; }

 private:
  Status run(const std::string& sql) {
    if (auto done = execute(sql, {}); !done) return failure(std::move(done).error());
    return {};
  }

  std::unique_ptr<sqlite3, Close> handle_;
};

Result<Engine::Answer> SqliteEngine::execute(const std::string& sql, const std::vector<Value>& values) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    return complaint(handle_.get());
  const Prepared statement(raw);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (bind(statement.get(), static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return complaint(handle_.get());
  Answer answer;
  for (;;) {
    const int step = sqlite3_step(statement.get());
    if (step != SQLITE_DONE && step != SQLITE_ROW) return complaint(handle_.get());
    if (step == SQLITE_DONE) break;
    answer.rows.push_back(read_row(statement.get()));
  }
  answer.changed = sqlite3_changes64(handle_.get());
  return answer;
}

Result<std::size_t> SqliteEngine::version() {
  const auto answer = execute("PRAGMA user_version", {});
  if (!answer) return failure(answer.error());
  return static_cast<std::size_t>(answer->rows.front().integer(0));
}

}  // namespace

Result<std::unique_ptr<Engine>> open_sqlite(const std::filesystem::path& file) {
  // SQLite would make it with the umask's mode; it holds hashes of tokens and is nobody else's business.
  if (file != ":memory:") {
    const os::UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!made) return system_failure(file.string());
  }
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  auto engine = std::make_unique<SqliteEngine>(handle);
  if (opened != SQLITE_OK) return failure(complaint(handle).value().context(file.string()));
  sqlite3_busy_timeout(handle, kBusyMs);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"})
    if (auto set = engine->execute(pragma, {}); !set) return failure(std::move(set).error().context(file.string()));
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace fracas::controller
