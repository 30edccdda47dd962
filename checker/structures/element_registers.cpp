#include "checker/structures/element_registers.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "checker/explain/minimize.h"
#include "checker/linearizability/key.h"

namespace fracas::checker {
namespace {

constexpr State kAbsent = kInitial, kPresent = 1;
constexpr std::size_t kProjectedMax = 20'000'000;  // reads of the whole set, times elements

bool contains(const History& history, const Operation& operation) {
  return operation.function >= Function::kOwn && history.functions.name(operation.function) == "contains";
}

bool known(const Operation& operation) {
  return operation.outcome == Outcome::ok && operation.result.is(Value::Kind::boolean);
}

// An add or remove; one that says it changed nothing has read.
Call change_of(const Operation& operation, std::uint32_t index) {
  const bool adds = operation.function == Function::add;
  Call call{operation.invoke_ns,
            operation.return_ns,
            adds ? kPresent : kAbsent,
            0,
            index,
            CallKind::write,
            operation.outcome == Outcome::ok};
  if (!known(operation)) return call;
  call.kind = operation.result.boolean() ? CallKind::cas : CallKind::read;
  if (operation.result.boolean()) {
    call.first = adds ? kAbsent : kPresent;
    call.second = adds ? kPresent : kAbsent;
  }
  return call;
}

class Elements {
 public:
  explicit Elements(const History& history) : history_(history) {}

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const bool whole = operation.function == Function::read;
    if (operation.function == Function::length) {
      counted_ = counted_ || operation.outcome == Outcome::ok;
      return {};
    }
    if (!whole && operation.function != Function::add && operation.function != Function::remove &&
        !contains(history_, operation))
      return failure(fmt::format("event {}: {} is not a function of a set (add, remove, contains, read, length)",
                                 operation.invoke + 1, history_.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail) return {};
    if (whole || contains(history_, operation)) return look(index, whole);
    of(operation.argument).calls.push_back(change_of(operation, index));
    return {};
  }

  Decision decide(const Budget& budget) {
    if (reads_.size() * problems_.size() > kProjectedMax)
      return Decision::give_up("too many reads of too large a set, from which elements were removed");
    for (const std::uint32_t read : reads_) project(read);
    for (auto& [element, problem] : problems_) {
      const Finding finding = decide_register(problem, budget);
      if (finding.linearizable == Linearizable::unknown) return Decision::give_up(finding.reason);
      if (finding.linearizable == Linearizable::no) return refuse(element, problem, finding);
    }
    if (counted_) return Decision::give_up("lengths of the set");
    if (!reads_.empty()) return Decision::give_up("reads of the whole set, from which elements were removed");
    return {};
  }

 private:
  Problem& of(Value element) {
    Problem& problem = problems_[element];
    problem.states = 2;
    return problem;
  }

  Result<void> look(std::uint32_t index, bool whole) {
    const Operation& operation = history_.operations[index];
    if (operation.outcome != Outcome::ok) return {};
    const auto wrong = [&](std::string_view what) {
      return failure(
          fmt::format("event {}: {} is not {}", operation.completion + 1, history_.describe(operation.result), what));
    };
    if (!whole) {
      if (!known(operation)) return wrong("true or false");
      of(operation.argument).calls.push_back(read_call(index, operation.result.boolean()));
      return {};
    }
    if (!operation.result.is_nil() && !operation.result.is(Value::Kind::list)) return wrong("a list");
    reads_.push_back(index);
    if (!operation.result.is_nil())
      for (const Value element : history_.values.elements_of(operation.result)) of(element);
    return {};
  }

  Call read_call(std::uint32_t index, bool present) const {
    const Operation& operation = history_.operations[index];
    return {operation.invoke_ns, operation.return_ns, present ? kPresent : kAbsent, 0, index, CallKind::read, true};
  }

  void project(std::uint32_t read) {
    const Value result = history_.operations[read].result;
    std::unordered_set<Value> seen;
    if (!result.is_nil())
      for (const Value element : history_.values.elements_of(result)) seen.insert(element);
    for (auto& [element, problem] : problems_) {
      const Call call = read_call(read, seen.contains(element));
      const auto place = std::upper_bound(problem.calls.begin(), problem.calls.end(), call,
                                          [](const Call& a, const Call& b) { return a.operation < b.operation; });
      problem.calls.insert(place, call);
    }
  }

  Decision refuse(Value element, const Problem& problem, const Finding& finding) const {
    const Minimal minimal = minimize(problem, finding);
    std::vector<std::uint32_t> proof;
    for (const std::uint32_t call : minimal.calls) proof.push_back(problem.calls[call].operation);
    return Decision::refuse(
        fmt::format("no order explains when element {} was in the set and when not", history_.describe(element)),
        std::move(proof));
  }

  const History& history_;
  std::unordered_map<Value, Problem> problems_;
  std::vector<std::uint32_t> reads_;  // of the whole set
  bool counted_ = false;              // there are lengths, which this leaves out
};

}  // namespace

Result<Decision> decide_elements(const History& history, std::span<const std::uint32_t> operations,
                                 const Budget& budget) {
  Elements elements(history);
  for (const std::uint32_t index : operations)
    if (auto noted = elements.note(index); !noted) return failure(std::move(noted).error());
  return elements.decide(budget);
}

bool only_grows(const History& history, std::span<const std::uint32_t> operations) {
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    const bool read =
        operation.function == Function::read &&
        (operation.outcome != Outcome::ok || operation.result.is_nil() || operation.result.is(Value::Kind::list));
    if (!read && (operation.function != Function::add || known(operation))) return false;
  }
  return true;
}

}  // namespace fracas::checker
