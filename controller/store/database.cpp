#include "controller/store/database.h"

#include <fmt/format.h>

#include "controller/store/engine.h"
#include "controller/store/postgres_engine.h"
#include "controller/store/sqlite_engine.h"

namespace fracas::controller {

Database::Database(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
  auto engine = open_sqlite(file);
  if (!engine) return failure(std::move(engine).error());
  std::unique_ptr<Database> database(new Database(std::move(*engine)));
  if (auto ready = database->bring_up_to_date(); !ready)
    return failure(std::move(ready).error().context(file.string()));
  return database;
}

Result<std::unique_ptr<Database>> Database::open_postgres(const std::string& settings) {
  std::unique_ptr<Database> database(new Database(make_postgres(settings)));
  if (auto ready = database->bring_up_to_date(); !ready) return failure(std::move(ready).error());
  return database;
}

Status Database::bring_up_to_date() {
  const SchemaSteps& steps = engine_->steps();
  auto version = engine_->version();
  while (version && *version < steps.size()) {
    auto transaction = begin();
    if (!transaction) return failure(std::move(transaction).error());
    version = engine_->version();  // another controller may have come first
    if (!version || *version >= steps.size()) break;
    for (const char* statement : steps[*version])
      if (auto done = run(statement); !done) return done;
    ++*version;
    if (auto set = engine_->set_version(*version); !set) return set;
    if (auto taken = transaction->commit(); !taken) return taken;
  }
  if (!version) return failure(std::move(version).error());
  if (*version > steps.size())
    return failure(
        fmt::format("written by a newer fracas: its schema is {}, this program knows {}", *version, steps.size()));
  return {};
}

Result<std::vector<Row>> Database::query(const std::string& sql, const std::vector<Value>& values) {
  const std::scoped_lock lock(mutex_);
  auto answer = engine_->execute(sql, values);
  if (!answer) return failure(std::move(answer).error());
  changes_ = answer->changed;
  return std::move(answer->rows);
}

Status Database::run(const std::string& sql, const std::vector<Value>& values) {
  if (auto done = query(sql, values); !done) return failure(std::move(done).error());
  return {};
}

Result<bool> Database::try_lead() {
  const std::scoped_lock lock(mutex_);
  return engine_->try_lead();
}

Result<Transaction> Database::begin() {
  Transaction transaction(*this);
  if (auto begun = open_transactions_ == 0 ? engine_->begin() : run("SAVEPOINT part"); !begun) {
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
  if (--database_->open_transactions_ == 0) {
    database_->engine_->rollback();
    return;
  }
  static_cast<void>(database_->run("ROLLBACK TO part"));
  static_cast<void>(database_->run("RELEASE part"));
}

Status Transaction::commit() {
  auto done = database_->open_transactions_ == 1 ? database_->engine_->commit() : database_->run("RELEASE part");
  if (!done) return done;
  --database_->open_transactions_;
  database_ = nullptr;
  return done;
}

}  // namespace fracas::controller
