#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/model/history.h"

namespace fracas::controller {

enum class WorkloadKind : std::uint8_t {
  register_,
  cas_register,
  append,
  set,
  counter,
  queue,
  unique_ids,
  echo,
  log,
  txn_append,
  txn_register,
  bank,
  lock,
};

struct GeneratorOptions {
  WorkloadKind kind = WorkloadKind::register_;
  std::uint32_t keys = 10;              // keys (of a bank: accounts) in use at a time, >= 1
  std::uint32_t ops_per_key_max = 200;  // after so many operations a fresh key takes a key's place
  double reads = 0.5;                   // share of reads (of a queue: of dequeues), in [0, 1]
  std::uint32_t values = 5;             // cas-register only: how many different values, >= 2
  std::uint32_t txn_length_max = 4;     // transactions only: micro-operations in one, >= 1
  double deletes = 0;                   // register only: share of the writes that write nothing
  double decrements = 0;                // counter only: share of the additions that add -1, in [0, 1]
  std::int64_t balance = 100;           // bank only: what each account begins with
};

// What one client is to do. `value` has the form that the history shows (lib/model/history.h):
//   read, dequeue, drain, generate: nothing · write: a number, or nothing to delete · append, add, increment, enqueue,
//   echo: a number · cas: (expected, new) · poll: the offset to read from · txn: [["r", key, null], ["append" or "w",
//   key, number], …] · transfer: {"from": …, "to": …, "amount": …}
struct Call {
  model::Function function = model::Function::read;
  std::string key;  // empty where operations have none: unique ids, echoes, transactions, banks
  model::Value value;
};

// The stream of calls of a workload: pure, the same seed gives the same calls. Numbers that are written, appended,
// added or enqueued are never repeated on a key, except by cas-register, which makes histories cheap to check.
class Generator {
 public:
  Generator() = default;
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  virtual ~Generator() = default;

  virtual Call next() = 0;
  // What shows, at the end of a run, what became of everything: reads of the keys in use, or of all keys there were
  // where elements must not be lost; drains of queues.
  virtual std::vector<Call> final_calls() const = 0;
};

std::unique_ptr<Generator> make_generator(const GeneratorOptions& options, std::uint64_t seed);

}  // namespace fracas::controller
