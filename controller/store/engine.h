#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "controller/store/row.h"
#include "controller/store/schema.h"
#include "lib/base/result.h"

namespace fracas::controller {

// What SQLite and PostgreSQL do differently. All statements but those of the schema are the same for both. Thread: one
// at a time.
class Engine {
 public:
  struct Answer {
    std::vector<Row> rows;
    std::int64_t changed = 0;  // rows
  };

  Engine() = default;
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // One statement; `values` stand for its ?1, ?2, …. ERRORS: "database: " and the engine's words.
  virtual Result<Answer> execute(const std::string& sql, const std::vector<Value>& values) = 0;

  // A transaction beside which nobody else has one, in this process or another. They are not inside of each other.
  virtual Status begin() = 0;
  virtual Status commit() = 0;
  virtual void rollback() = 0;

  // How many of the schema's steps the database has taken; 0: it is empty.
  virtual Result<std::size_t> version() = 0;
  virtual Status set_version(std::size_t version) = 0;
  virtual const SchemaSteps& steps() const = 0;

  // As Database::try_lead().
  virtual Result<bool> try_lead() = 0;
};

}  // namespace fracas::controller
