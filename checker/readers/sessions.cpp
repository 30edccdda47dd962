#include "checker/readers/sessions.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::checker {

// Stable, in one pass: sessions of a text may take turns.
void Sessions::sort_by_session(std::uint32_t sessions) {
  const auto before = [](const SessionOperation& a, const SessionOperation& b) { return a.session < b.session; };
  if (std::is_sorted(operations_.begin(), operations_.end(), before)) return;
  std::vector<std::size_t> next(sessions + std::size_t{1}, 0);
  for (const SessionOperation& operation : operations_) ++next[operation.session + std::size_t{1}];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<SessionOperation> sorted(operations_.size());
  for (const SessionOperation& operation : operations_) sorted[next[operation.session]++] = operation;
  operations_ = std::move(sorted);
}

void Sessions::replace_initial_values() {
  const Value zero = Value::of(std::int64_t{0});
  std::unordered_set<Value> written;
  for (const SessionOperation& operation : operations_)
    if (operation.is_write && operation.value == zero) written.insert(operation.key);
  for (SessionOperation& operation : operations_)
    if (!operation.is_write && operation.value == zero && !written.contains(operation.key)) operation.value = {};
}

void Sessions::add_transaction(std::size_t first, std::size_t last) {
  Values& values = builder_.values();
  const Value read = values.text("r");
  const Value write = values.text("w");
  asked_.clear();
  answered_.clear();
  for (std::size_t i = first; i < last; ++i) {
    const SessionOperation& operation = operations_[i];
    const std::array<Value, 3> answer{operation.is_write ? write : read, operation.key, operation.value};
    const std::array<Value, 3> question{answer[0], answer[1], operation.is_write ? operation.value : Value{}};
    answered_.push_back(values.list(answer));
    asked_.push_back(values.list(question));
  }
  EventRow row;
  row.function = Function::txn;
  row.process = builder_.process("s" + std::to_string(operations_[first].session));
  row.value = values.list(asked_);
  const bool invoked = builder_.add(row).has_value();
  row.type = model::EventType::ok;
  row.value = values.list(answered_);
  ensure(invoked && builder_.add(row).has_value(), "a session's transactions follow each other");
}

Reading Sessions::finish(Format format, std::uint32_t sessions) && {
  sort_by_session(sessions);
  replace_initial_values();
  for (std::size_t first = 0; first < operations_.size();) {
    std::size_t last = first;
    while (last < operations_.size() && operations_[last].session == operations_[first].session &&
           operations_[last].transaction == operations_[first].transaction)
      ++last;
    add_transaction(first, last);
    first = last;
  }
  Reading reading;
  reading.format = format;
  reading.history = std::move(builder_).finish(false);
  reading.notes.emplace_back("the file has no times: what happened before what is known within a session only");
  return reading;
}

}  // namespace fracas::checker
