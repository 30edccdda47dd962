#include "checker/models/transitions.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/linearizability/check_model.h"

namespace fracas::checker {
namespace {

class TableModel {
 public:
  using State = std::uint32_t;

  TableModel(const History& history, const Transitions& table) : history_(&history), table_(&table) {
    Functions functions = history.functions;  // a name that the history does not have gets a number that no call has
    for (const Transitions::Row& row : table.rows)
      functions_.push_back(functions.intern(row.function).value_or(static_cast<Function>(255)));
  }

  State initial() const { return 0; }

  Result<void> accept(const Operation& operation) const {
    if (std::find(functions_.begin(), functions_.end(), operation.function) != functions_.end()) return {};
    return failure(
        fmt::format("the model \"{}\" has no \"{}\"", table_->name, history_->functions.name(operation.function)));
  }

  bool conditional(Function) const { return false; }

  bool pure(const ModelCall& call) const {
    for (std::size_t i = 0; i < table_->rows.size(); ++i)
      if (functions_[i] == call.function && table_->rows[i].to) return false;
    return true;
  }

  bool apply(const ModelCall& call, State& state) const {
    for (std::size_t i = 0; i < table_->rows.size(); ++i) {
      const Transitions::Row& row = table_->rows[i];
      if (functions_[i] != call.function || !starts_in(row, state) || !fits(row.argument, call.argument) ||
          (call.answered && !fits(row.result, call.result)))
        continue;
      state = row.to.value_or(state);
      return true;
    }
    return false;
  }

 private:
  static bool starts_in(const Transitions::Row& row, State state) {
    return row.from.empty() || std::binary_search(row.from.begin(), row.from.end(), state);
  }

  bool fits(const Transitions::Expected& expected, Value value) const {
    if (!expected) return true;
    if (const auto* truth = std::get_if<bool>(&*expected))
      return value.is(Value::Kind::boolean) && value.boolean() == *truth;
    if (const auto* number = std::get_if<std::int64_t>(&*expected))
      return value.is(Value::Kind::integer) && value.integer() == *number;
    if (const auto* text = std::get_if<std::string>(&*expected))
      return value.is(Value::Kind::text) && history_->values.text_of(value) == *text;
    return value.is_nil();
  }

  const History* history_;
  const Transitions* table_;
  std::vector<Function> functions_;  // by row
};

}  // namespace

Result<CheckResult> check_transitions(const History& history, const Transitions& transitions, const Request& request) {
  if (!request.level.empty() && request.level != "linearizable" && request.level != "sequential")
    return failure(fmt::format("a model from a file is checked for \"linearizable\" and \"sequential\", not for \"{}\"",
                               request.level));
  if (!request.parameters.empty())
    return failure(fmt::format("a model from a file has no parameter \"{}\"", request.parameters.begin()->first));
  return check_model(history, request, TableModel(history, transitions),
                     {.name = transitions.name, .by_key = transitions.by_key});
}

}  // namespace fracas::checker
