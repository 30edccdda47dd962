#include "controller/store/postgres_engine.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdlib>

#include "controller/postgres/pg_connection.h"
#include "lib/base/text.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// Below the lease that faults have by default, so that a leader without its database ends them in time, and by more
// than a look of the leader's (campaign.h) below the four seconds after which the server gives its session up: who is
// cut off knows it before another one leads.
constexpr std::int64_t kAnswerMax_ns = 3'000'000'000;
// Advisory locks are numbers that all who use a database agree on: "frac", and what for.
constexpr const char* kLead = "SELECT pg_try_advisory_lock(1718772067, 1)::int";
constexpr const char* kWriteAlone = "SELECT pg_advisory_xact_lock(1718772067, 2)";
// A session whose process, host or network is gone is over for the server as soon as its faults are. A Unix socket
// tells at once, and ignores the settings of TCP.
constexpr const char* kSession =
    "SELECT set_config('application_name', 'fracas serve', false), set_config('statement_timeout', '3s', false),"
    " set_config('idle_in_transaction_session_timeout', '4s', false), set_config('client_min_messages', 'warning', "
    "false),"
    " set_config('tcp_keepalives_idle', '1', false), set_config('tcp_keepalives_interval', '1', false),"
    " set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '4s', false)";
// The lead is a lease: a leader that says nothing for that long, because its process is stopped for example, is
// replaced. Servers before PostgreSQL 14 know no such setting.
constexpr const char* kLease =
    "SELECT set_config(name, '4s', false) FROM pg_settings WHERE name = 'idle_session_timeout'";

// "?1" is "$1" here. No statement has a question mark elsewhere.
std::string translated(std::string sql) {
  for (std::size_t at = sql.find('?'); at != std::string::npos; at = sql.find('?', at)) sql[at] = '$';
  return sql;
}

std::string parameter_of(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : without_nul(*text);
}

// Source: PostgreSQL's pg_type.dat.
Value value_of(const std::optional<std::string>& text, std::uint32_t type) {
  if (!text) return std::monostate();
  switch (type) {
    case 20:  // int8
    case 21:
    case 23: {
      std::int64_t integer = 0;
      std::from_chars(text->data(), text->data() + text->size(), integer);
      return integer;
    }
    case 700:  // float4
    case 701:
    case 1700:  // numeric: what sums are
      return std::strtod(text->c_str(), nullptr);
    default:
      return *text;
  }
}

Engine::Answer answer_of(const PgConnection::Rows& rows) {
  Engine::Answer answer{.rows = {}, .changed = std::atoll(rows.affected.c_str())};
  for (const PgConnection::Row& row : rows.rows) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < row.size(); ++i) values.push_back(value_of(row[i], rows.types[i]));
    answer.rows.emplace_back(std::move(values));
  }
  return answer;
}

class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(const std::string& settings) : session_(settings) {}

  Result<Answer> execute(const std::string& sql, const std::vector<Value>& values) override;
  Status begin() override;
  Status commit() override;
  void rollback() override;
  Result<std::size_t> version() override;
  Status set_version(std::size_t version) override;
  const SchemaSteps& steps() const override { return postgres_steps(); }
  Result<bool> try_lead() override;

 private:
  Result<PgConnection::Rows> ask(const std::string& sql, const std::vector<std::string>& parameters);
  Status have_session();

  PgConnection session_;
  bool leads_ = false;
  bool in_transaction_ = false;
};

Result<PgConnection::Rows> PostgresEngine::ask(const std::string& sql, const std::vector<std::string>& parameters) {
  auto rows = session_.execute(sql, parameters, os::boot_now_ns() + kAnswerMax_ns);
  if (!rows) return failure("database: " + rows.error().error);
  return std::move(*rows);
}

// A new session has neither the lock of the leader nor what a transaction did so far.
Status PostgresEngine::have_session() {
  if (session_.connected()) return {};
  if (leads_ || in_transaction_) return failure("database: the session was lost");
  if (auto set = ask(kSession, {}); !set) return failure(std::move(set).error());
  return {};
}

Result<Engine::Answer> PostgresEngine::execute(const std::string& sql, const std::vector<Value>& values) {
  if (auto ready = have_session(); !ready) return failure(std::move(ready).error());
  std::vector<std::string> parameters;
  for (const Value& value : values) parameters.push_back(parameter_of(value));
  const auto rows = ask(translated(sql), parameters);
  if (!rows) return failure(rows.error());
  return answer_of(*rows);
}

Status PostgresEngine::begin() {
  if (auto begun = execute("BEGIN", {}); !begun) return failure(std::move(begun).error());
  in_transaction_ = true;
  if (auto alone = execute(kWriteAlone, {}); !alone) {
    rollback();
    return failure(std::move(alone).error());
  }
  return {};
}

Status PostgresEngine::commit() {
  if (auto ready = have_session(); !ready) return ready;
  const auto done = ask("COMMIT", {});
  if (!done) return failure(done.error());
  in_transaction_ = false;
  // So it answers where a statement had failed before.
  if (done->tag != "COMMIT") return failure("database: the transaction had failed before it was to be committed");
  return {};
}

void PostgresEngine::rollback() {
  if (in_transaction_ && session_.connected()) static_cast<void>(ask("ROLLBACK", {}));
  in_transaction_ = false;
}

Result<std::size_t> PostgresEngine::version() {
  const auto there = execute("SELECT to_regclass('fracas_schema')::text", {});
  if (!there) return failure(there.error());
  if (there->rows.front().null(0)) return std::size_t{0};
  const auto row = execute("SELECT version FROM fracas_schema", {});
  if (!row) return failure(row.error());
  return row->rows.empty() ? 0 : static_cast<std::size_t>(row->rows.front().integer(0));
}

Status PostgresEngine::set_version(std::size_t version) {
  for (const std::string& statement :
       {std::string("CREATE TABLE IF NOT EXISTS fracas_schema (version BIGINT NOT NULL)"),
        std::string("DELETE FROM fracas_schema"), fmt::format("INSERT INTO fracas_schema VALUES ({})", version)})
    if (auto done = execute(statement, {}); !done) return failure(std::move(done).error());
  return {};
}

Result<bool> PostgresEngine::try_lead() {
  if (leads_) return session_.connected();
  const auto row = execute(kLead, {});
  if (!row) return failure(row.error());
  leads_ = row->rows.front().flag(0);
  if (!leads_) return false;
  if (auto leased = execute(kLease, {}); !leased) return failure(std::move(leased).error());
  return true;
}

}  // namespace

std::unique_ptr<Engine> make_postgres(const std::string& settings) {
  return std::make_unique<PostgresEngine>(settings);
}

}  // namespace fracas::controller
