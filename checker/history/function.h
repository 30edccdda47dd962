#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::checker {

// What an operation asks for. The names are those of Jepsen's histories; other spellings are listed in function.cpp.
// Histories may name further functions (user models have their own): they are numbered from kOwn on, by first use.
enum class Function : std::uint8_t {
  read,       // also a register's or key's "get", a set's "read-all"
  write,      // "put"
  cas,        // argument: [expected new]
  append,     // to a text, or of one element to a list
  del,        // "delete"
  add,        // to a set, or to a counter
  remove,     // from a set
  decrement,  // of a counter
  enqueue,    // "send"
  dequeue,    // "recv"; result: what was taken, nil = empty
  drain,      // result: a list of everything taken
  push,
  pop,
  peek,
  length,
  insert,      // into a priority queue
  remove_min,  // "remove-min"
  acquire,     // of a mutex or semaphore; result may be a fencing token
  release,
  generate,  // a unique id
  txn,       // argument and result: lists of micro-operations [function key value]
  transfer,  // of a bank: {from to amount}
  poll,      // of a log: reads on from an offset
  kOwn,
};

// The names of the functions of one history.
class Functions {
 public:
  // Known spellings give known functions; others get a number of their own. ERRORS: more than 200 names of its own.
  Result<Function> intern(std::string_view name);
  std::string_view name(Function function) const;

 private:
  std::vector<std::string> own_;
};

}  // namespace fracas::checker
