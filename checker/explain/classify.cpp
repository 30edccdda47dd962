#include "checker/explain/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

using Few = std::vector<const Operation*>;

bool observes(const Operation& operation) {
  return operation.outcome == Outcome::ok &&
         (operation.function == Function::read || operation.function == Function::cas);
}

struct Case {
  const History& history;
  const Few& operations;
  const Operation& observer;
  bool any_start;
  Value seen = seen_by(observer);
  std::string key = describe_key(history, observer.key);

  Value seen_by(const Operation& operation) const {
    if (operation.function == Function::read) return operation.result;
    return history.values.elements_of(operation.argument)[0];
  }
  std::optional<Value> produced_by(const Operation& operation) const {
    if (operation.outcome == Outcome::fail) return std::nullopt;
    if (operation.function == Function::write) return operation.argument;
    if (operation.function == Function::cas) return history.values.elements_of(operation.argument)[1];
    return std::nullopt;
  }

  const std::string& client(const Operation& operation) const { return history.processes[operation.process]; }
  std::string what(const Operation& operation) const { return describe_operation(show(history, operation)); }
  std::string where(const Operation& operation) const { return describe_node(show(history, operation)); }
  std::string value(Value of) const { return describe_value(history, of); }
  std::string distance(std::int64_t from, std::int64_t to) const { return describe_distance(history, from, to); }

  std::string what_it_saw() const {
    if (observer.function == Function::cas)
      return fmt::format("{}'s {}{} succeeded", client(observer), what(observer), where(observer));
    return fmt::format("{} read {}{}", client(observer), value(seen), where(observer));
  }

  bool produces_seen(const Operation& operation) const {
    const auto produced = produced_by(operation);
    return produced && *produced == seen && &operation != &observer;
  }

  // Could the seen value have been written after `operation` took effect?
  bool written_after(const Operation& operation) const {
    return std::any_of(operations.begin(), operations.end(), [&](const Operation* other) {
      return produces_seen(*other) && other->return_ns >= operation.invoke_ns && other->invoke_ns <= observer.return_ns;
    });
  }
};

std::string unexplained(const Case& it) {
  if (it.any_start) return {};
  const Operation* earliest = nullptr;
  for (const Operation* each : it.operations)
    if (it.produces_seen(*each) && (!earliest || each->invoke_ns < earliest->invoke_ns)) earliest = each;
  if (earliest && earliest->invoke_ns > it.observer.return_ns)
    return fmt::format("future read: {}{}, {} before {} invoked its {}", it.key, it.what_it_saw(),
                       it.distance(it.observer.return_ns, earliest->invoke_ns), it.client(*earliest),
                       it.what(*earliest));
  if (!earliest && it.operations.size() == 1)
    return fmt::format("phantom read: {}{}, but nobody wrote {}", it.key, it.what_it_saw(), it.value(it.seen));
  return {};
}

std::string stale(const Case& it) {
  const Operation* newest = nullptr;
  for (const Operation* each : it.operations) {
    const auto produced = it.produced_by(*each);
    if (!produced || *produced == it.seen || each->return_ns >= it.observer.invoke_ns || it.written_after(*each))
      continue;
    if (!newest || each->return_ns > newest->return_ns) newest = each;
  }
  if (!newest) return {};
  return fmt::format("{}: {}{} although {}'s {} had been acknowledged {} earlier",
                     it.observer.function == Function::cas ? "stale compare-and-set" : "stale read", it.key,
                     it.what_it_saw(), it.client(*newest), it.what(*newest),
                     it.distance(newest->return_ns, it.observer.invoke_ns));
}

std::string doubled_cas(const Case& it) {
  if (it.observer.function != Function::cas) return {};
  const auto writers =
      (it.any_start ? 1 : 0) + std::count_if(it.operations.begin(), it.operations.end(),
                                             [&](const Operation* each) { return it.produces_seen(*each); });
  for (const Operation* other : it.operations)
    if (other != &it.observer && other->function == Function::cas && observes(*other) &&
        it.seen_by(*other) == it.seen && writers <= 1)
      return fmt::format("lost update: {}{}'s {} and {}'s {} both succeeded from one {}", it.key, it.client(*other),
                         it.what(*other), it.client(it.observer), it.what(it.observer), it.value(it.seen));
  return {};
}

std::string backwards(const Case& it) {
  const Operation* newest = nullptr;
  for (const Operation* other : it.operations)
    if (other != &it.observer && observes(*other) && other->function == Function::read && other->result != it.seen &&
        other->return_ns < it.observer.invoke_ns && !it.written_after(*other) &&
        (!newest || other->return_ns > newest->return_ns))
      newest = other;
  if (!newest) return {};
  return fmt::format("reads went back: {}{} although {} had already read {}{} {} earlier", it.key, it.what_it_saw(),
                     it.client(*newest), it.value(newest->result), it.where(*newest),
                     it.distance(newest->return_ns, it.observer.invoke_ns));
}

std::string disagreement(const Case& it) {
  if (it.operations.size() != 2 || it.operations[0]->function != Function::read ||
      it.operations[1]->function != Function::read)
    return {};
  const Operation& other = it.operations[0] == &it.observer ? *it.operations[1] : *it.operations[0];
  return fmt::format("reads disagree: {}{} while {} read {}{}, and nobody was writing either value", it.key,
                     it.what_it_saw(), it.client(other), it.value(other.result), it.where(other));
}

}  // namespace

const Operation* last_observer(const std::vector<const Operation*>& operations) {
  const Operation* last = nullptr;
  for (const Operation* each : operations)
    if (observes(*each) && (!last || each->return_ns > last->return_ns)) last = each;
  return last;
}

std::string classify_register(const History& history, const std::vector<const Operation*>& operations, bool any_start) {
  std::vector<const Operation*> observers;
  for (const Operation* each : operations)
    if (observes(*each)) observers.push_back(each);
  std::stable_sort(observers.begin(), observers.end(), [](auto* a, auto* b) { return a->return_ns > b->return_ns; });
  for (const auto template_of : {unexplained, stale, doubled_cas, backwards, disagreement})
    for (const Operation* observer : observers)
      if (auto sentence = template_of({history, operations, *observer, any_start}); !sentence.empty()) return sentence;
  const std::string key = describe_key(history, operations.front()->key);
  if (observers.empty()) return fmt::format("{}no order of these {} operations is possible", key, operations.size());
  const Case last{history, operations, *observers.front(), any_start};
  return fmt::format("{}no order of these {} operations explains that {}", key, operations.size(), last.what_it_saw());
}

}  // namespace fracas::checker
