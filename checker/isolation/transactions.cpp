#include "checker/isolation/transactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

namespace fracas::checker::isolation {
namespace {

enum class Step : std::uint8_t { read, append, write, none };

Step step_named(std::string_view name) {
  if (name == "r" || name == "read") return Step::read;
  if (name == "w" || name == "write") return Step::write;
  return name == "append" ? Step::append : Step::none;
}

class Reader {
 public:
  Reader(const History& history, Dialect dialect) : history_(history) {
    result_.history = &history;
    result_.dialect = dialect;
  }

  Result<Transactions> run() && {
    result_.all.reserve(history_.operations.size());
    for (std::uint32_t i = 0; i < history_.operations.size(); ++i)
      if (auto added = add(i); !added)
        return failure(std::move(added).error().context(
            fmt::format("event {}", 1 + std::min(history_.operations[i].invoke, history_.operations[i].completion))));
    return std::move(result_);
  }

 private:
  Result<void> add(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const auto first = static_cast<std::uint32_t>(result_.micros.size());
    auto added = operation.function == Function::txn ? add_steps(operation) : add_single(operation);
    if (!added) return added;
    const auto end = static_cast<std::uint32_t>(result_.micros.size());
    result_.all.push_back({first, end, index, operation.outcome});
    return {};
  }

  // What came back says more than what was asked for, but only an ok has all of it.
  Result<void> add_steps(const Operation& operation) {
    const bool ok = operation.outcome == Outcome::ok && !operation.result.is_nil();
    const Value steps = ok ? operation.result : operation.argument.is_nil() ? operation.result : operation.argument;
    if (steps.is_nil()) return {};
    if (!steps.is(Value::Kind::list)) return failure("a transaction is a list of [function key value]");
    for (const Value step : history_.values.elements_of(steps)) {
      if (!step.is(Value::Kind::list)) return failure("a step of a transaction is a list [function key value]");
      const auto parts = history_.values.elements_of(step);
      if (parts.size() < 2 || parts.size() > 3)
        return failure(fmt::format("the step {} is not [function key value]", history_.describe(step)));
      auto added = add_micro(step_of(parts[0]), parts[1], parts.size() == 3 ? parts[2] : Value{}, ok);
      if (!added) return failure(fmt::format("the step {}: {}", history_.describe(step), added.error().message));
    }
    return {};
  }

  Result<void> add_single(const Operation& operation) {
    const Step step = operation.function == Function::read     ? Step::read
                      : operation.function == Function::append ? Step::append
                      : operation.function == Function::write  ? Step::write
                                                               : Step::none;
    const bool ok = operation.outcome == Outcome::ok;
    return add_micro(step, operation.key, step == Step::read ? operation.result : operation.argument, ok);
  }

  Step step_of(Value name) {
    if (!name.is(Value::Kind::text)) return Step::none;
    for (const auto& [value, step] : names_)
      if (value == name) return step;
    names_.emplace_back(name, step_named(history_.values.text_of(name)));
    return names_.back().second;
  }

  Result<void> add_micro(Step step, Value key, Value value, bool known) {
    const bool lists = result_.dialect == Dialect::lists;
    if (step != Step::read && step != (lists ? Step::append : Step::write))
      return failure(lists ? "transactions of lists have r and append only" : "transactions of registers have r and w");
    if (step == Step::read && lists && known && !value.is_nil() && !value.is(Value::Kind::list))
      return failure("a read of a list returns a list");
    Micro micro;
    micro.value = value;
    micro.key = key_index(key);
    micro.transaction = static_cast<std::uint32_t>(result_.all.size());
    micro.write = step != Step::read;
    micro.known = micro.write || known;
    if (lists && !micro.write && known && value.is(Value::Kind::list) && history_.values.elements_of(value).empty())
      micro.value = Value{};  // the empty list and nil are one version
    mark_external(micro);
    result_.micros.push_back(micro);
    return {};
  }

  void mark_external(Micro& micro) {
    last_write_.resize(result_.keys.size(), kNone);
    std::uint32_t& last = last_write_[micro.key];
    const bool written = last != kNone && result_.micros[last].transaction == micro.transaction;
    micro.external = micro.write || (micro.known && !written);
    if (!micro.write) return;
    if (written) result_.micros[last].external = false;
    last = static_cast<std::uint32_t>(result_.micros.size());
  }

  std::uint32_t key_index(Value key) {
    const auto [found, fresh] = key_ids_.try_emplace(key, static_cast<std::uint32_t>(result_.keys.size()));
    if (fresh) result_.keys.push_back(key);
    return found->second;
  }

  const History& history_;
  Transactions result_;
  boost::unordered_flat_map<Value, std::uint32_t, std::hash<Value>> key_ids_;
  std::vector<std::pair<Value, Step>> names_;
  std::vector<std::uint32_t> last_write_;  // by key: the micro-operation
};

template <typename Keep>
Groups by_key(const Transactions& transactions, const Keep& keep) {
  return Groups::gather(transactions.keys.size(), [&](const auto& note) {
    for (std::uint32_t i = 0; i < transactions.micros.size(); ++i)
      if (keep(transactions.micros[i])) note(transactions.micros[i].key, i);
  });
}

}  // namespace

std::string Transactions::key_name(std::uint32_t key) const {
  const Value name = keys[key];
  return name.is(Value::Kind::text) ? std::string(history->values.text_of(name)) : history->describe(name);
}

std::string Transactions::describe(std::uint32_t transaction) const {
  if (!texts.empty()) return texts[transaction];
  std::string text;
  for (const Micro& micro : of(transaction)) {
    const char* name = !micro.write ? "r" : dialect == Dialect::lists ? "append" : "w";
    const bool empty = dialect == Dialect::lists && micro.known && micro.value.is_nil();
    text += fmt::format("{}[{} {} {}]", text.empty() ? "" : " ", name, key_name(micro.key),
                        empty          ? "[]"
                        : !micro.known ? "?"
                                       : history->describe(micro.value));
  }
  return text;
}

Result<Transactions> read_transactions(const History& history, Dialect dialect) {
  return Reader(history, dialect).run();
}

Groups reads_by_key(const Transactions& transactions) {
  return by_key(transactions, [](const Micro& micro) { return !micro.write && micro.known; });
}

Result<WriteIndex> WriteIndex::make(const Transactions& transactions) {
  WriteIndex index;
  index.by_key_ = by_key(transactions, [](const Micro& micro) { return micro.write; });
  const auto& micros = transactions.micros;
  const auto failed = [&](std::uint32_t i) { return transactions.all[micros[i].transaction].outcome == Outcome::fail; };
  for (std::size_t k = 0; k < transactions.keys.size(); ++k) {
    const auto begin = index.by_key_.order.begin() + index.by_key_.begin[k];
    const auto end = index.by_key_.order.begin() + index.by_key_.begin[k + 1];
    std::sort(begin, end, [&](std::uint32_t a, std::uint32_t b) {
      if (micros[a].value != micros[b].value) return micros[a].value < micros[b].value;
      return failed(a) != failed(b) ? failed(b) : a < b;  // the one that may have happened is found
    });
    for (auto at = begin; at != end && at + 1 != end; ++at) {
      if (micros[*at].value != micros[*(at + 1)].value || failed(*(at + 1))) continue;
      const auto event = [&](std::uint32_t i) { return transactions.operation(micros[i].transaction).invoke + 1; };
      return failure(
          fmt::format("event {}: {} is {} {} a second time, after event {}: every value must be written once",
                      event(*(at + 1)), transactions.history->describe(micros[*at].value),
                      transactions.dialect == Dialect::lists ? "appended to" : "written to",
                      transactions.key_name(static_cast<std::uint32_t>(k)), event(*at)));
    }
  }
  index.values_.reserve(index.by_key_.order.size());
  for (const std::uint32_t i : index.by_key_.order) index.values_.push_back(micros[i].value);
  return index;
}

std::uint32_t WriteIndex::find(std::uint32_t key, Value value) const {
  const auto begin = values_.begin() + by_key_.begin[key], end = values_.begin() + by_key_.begin[key + 1];
  const auto found = std::lower_bound(begin, end, value);
  return found != end && *found == value ? by_key_.order[static_cast<std::size_t>(found - values_.begin())] : kNone;
}

}  // namespace fracas::checker::isolation
