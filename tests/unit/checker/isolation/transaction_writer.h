#pragma once
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"

// Writes histories of transactions from texts: "append x 1, r y [1 2], w z 3, r z nil". Each event is a millisecond
// after the one before.
namespace fracas::checker::tests {

class TransactionWriter {
 public:
  TransactionWriter& event(std::string_view process, model::EventType type, std::string_view steps) {
    rows_.push_back({std::string(process), type, std::string(steps)});
    return *this;
  }
  TransactionWriter& invoke(std::string_view process, std::string_view steps) {
    return event(process, model::EventType::invoke, steps);
  }
  TransactionWriter& complete(std::string_view process, model::EventType type, std::string_view steps) {
    return event(process, type, steps);
  }
  // Alone, with nothing in between.
  TransactionWriter& ok(std::string_view process, std::string_view steps) {
    return invoke(process, steps).complete(process, model::EventType::ok, steps);
  }
  TransactionWriter& fail(std::string_view process, std::string_view steps) {
    return invoke(process, steps).complete(process, model::EventType::fail, steps);
  }
  TransactionWriter& info(std::string_view process, std::string_view steps) {
    return invoke(process, steps).complete(process, model::EventType::info, steps);
  }
  // All at once, each by a process of its own: nothing orders them but what they do.
  TransactionWriter& together(const std::vector<std::string>& transactions) {
    const int first = together_;
    for (const auto& steps : transactions) invoke("p" + std::to_string(together_++), steps);
    for (std::size_t i = 0; i < transactions.size(); ++i)
      complete("p" + std::to_string(first + static_cast<int>(i)), model::EventType::ok, transactions[i]);
    return *this;
  }

  History finish() const {
    HistoryBuilder builder;
    std::int64_t now_ns = 0;
    for (const Row& row : rows_) {
      EventRow event;
      event.time_ns = now_ns += 1'000'000;
      event.type = row.type;
      event.function = Function::txn;
      event.process = builder.process(row.process);
      event.value = StepsParser{builder.values(), row.steps}.run();
      ensure(builder.add(event).has_value(), "a test's history keeps its own rules");
    }
    return std::move(builder).finish();
  }

 private:
  struct Row {
    std::string process;
    model::EventType type = model::EventType::invoke;
    std::string steps;
  };
  struct StepsParser {
    Values& values;
    std::string_view rest;

    Value run() {
      std::vector<Value> steps;
      while (!rest.empty()) {
        const std::string_view name = word(), key = word();
        const Value parts[] = {values.text(name), values.text(key), value()};
        steps.push_back(values.list(parts));
        if (rest.starts_with(',')) rest.remove_prefix(1);
      }
      return values.list(steps);
    }
    void skip_spaces() { rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size())); }
    std::string_view word() {
      skip_spaces();
      const std::string_view found = rest.substr(0, rest.find_first_of(" ,]"));
      rest.remove_prefix(found.size());
      return found;
    }
    Value atom(std::string_view text) const {
      if (text == "nil") return {};
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      return error == std::errc{} && end == text.data() + text.size() ? Value::of(number) : values.text(text);
    }
    Value value() {
      skip_spaces();
      if (!rest.starts_with('[')) return atom(word());
      rest.remove_prefix(1);
      std::vector<Value> elements;
      while (!rest.starts_with(']')) elements.push_back(atom(word()));
      rest.remove_prefix(1);
      return values.list(elements);
    }
  };

  std::vector<Row> rows_;
  int together_ = 0;
};

}  // namespace fracas::checker::tests
