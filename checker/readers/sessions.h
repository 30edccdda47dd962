#pragma once
#include <cstdint>
#include <vector>

#include "checker/history/history_builder.h"
#include "checker/readers/reading.h"

namespace fracas::checker {

// One read or write of a text that knows sessions and transactions, but no time.
struct SessionOperation {
  Value key;
  Value value;
  std::uint32_t session = 0;      // from 0, in the order of the text
  std::uint32_t transaction = 0;  // equal numbers that follow each other in a session are one transaction
  bool is_write = false;
};

// Collects them, and makes a history of them: each transaction is one operation "txn" of the process "sN", with
// micro-operations [w key value] and [r key value]. All are concurrent in real time (every moment is 0); what a session
// did before is known by the order of its operations. A read of 0 that nobody wrote to its key saw the initial value:
// nil. Source: the conventions of AWDIT and Plume.
class Sessions {
 public:
  Values& values() { return builder_.values(); }
  void add(const SessionOperation& operation) { operations_.push_back(operation); }
  // REQUIRES: `sessions` is more than every operation's session.
  Reading finish(Format format, std::uint32_t sessions) &&;

 private:
  void sort_by_session(std::uint32_t sessions);
  void replace_initial_values();
  void add_transaction(std::size_t first, std::size_t last);

  HistoryBuilder builder_;
  std::vector<SessionOperation> operations_;
  std::vector<Value> asked_, answered_;
};

// AWDIT: "r KEY VALUE" and "w KEY VALUE", a line of - between transactions, one of = between sessions.
Result<Reading> read_session_text(const Text& text, const ReadOptions& options);

// Plume: "r(KEY,VALUE,SESSION,TRANSACTION)" and "w(…)", one a line.
Result<Reading> read_plume_text(const Text& text, const ReadOptions& options);

}  // namespace fracas::checker
