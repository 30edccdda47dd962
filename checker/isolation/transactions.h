#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checker/history/groups.h"
#include "checker/history/history.h"
#include "lib/base/result.h"

// The transactions of a history, micro-operation by micro-operation: what every check of isolation starts from.
namespace fracas::checker::isolation {

// What a key holds: a list that grows by "append", or one value that "w" replaces.
enum class Dialect : std::uint8_t { lists, registers };

// One micro-operation, 24 bytes. A `write` is an append in a history of lists.
struct Micro {
  Value value;            // written, appended, or what the read returned (nil: the initial value, the empty list)
  std::uint32_t key = 0;  // index into Transactions::keys
  std::uint32_t transaction = 0;  // index into Transactions::all
  bool write = false;
  bool known = true;  // false: a read whose answer never came
  // A read before the first write of its transaction to its key, or the last write of its transaction to its key:
  // what other transactions can tell of it.
  bool external = false;
};

struct Transaction {
  std::uint32_t first = 0, end = 0;  // its micro-operations: [first, end) of Transactions::micros
  std::uint32_t operation = 0;       // index into History::operations
  Outcome outcome = Outcome::info;
};

// Borrows the history.
struct Transactions {
  const History* history = nullptr;
  Dialect dialect = Dialect::lists;
  LargeVector<Transaction> all;  // by invocation; failed ones too
  LargeVector<Micro> micros;
  std::vector<Value> keys;
  std::vector<std::string> texts;  // by transaction: its steps for people, where there are no micro-operations

  std::span<const Micro> of(std::uint32_t transaction) const {
    const Transaction& t = all[transaction];
    return {micros.data() + t.first, micros.data() + t.end};
  }
  const Operation& operation(std::uint32_t transaction) const {
    return history->operations[all[transaction].operation];
  }
  // "x", as it stands in the history.
  std::string key_name(std::uint32_t key) const;
  // "[append x 3] [r y [1 2]]"
  std::string describe(std::uint32_t transaction) const;
};

// Operations that are no transactions but a read, write or append of a key count as transactions of one step.
// ERRORS: "event N: …" where an operation or micro-operation is not of the dialect.
Result<Transactions> read_transactions(const History& history, Dialect dialect);

// Every write by its key and value. Two writes of one value to one key cannot be told apart, unless all but one failed.
// ERRORS: "event N: …" for such a pair.
class WriteIndex {
 public:
  static Result<WriteIndex> make(const Transactions& transactions);
  // Index into `micros`, or kNone: nobody wrote that.
  std::uint32_t find(std::uint32_t key, Value value) const;
  // Writes of a key, by value.
  std::span<const std::uint32_t> of(std::uint32_t key) const { return by_key_.of(key); }

 private:
  Groups by_key_;              // indexes into `micros`
  LargeVector<Value> values_;  // of by_key_.order, side by side for the search
};

// The reads of every key as indexes into `micros`, in the order of the history.
Groups reads_by_key(const Transactions& transactions);

}  // namespace fracas::checker::isolation
