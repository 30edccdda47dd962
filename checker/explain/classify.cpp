#include "checker/explain/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

using model::Value;

bool observes(const ShownOperation& operation) {
  return operation.outcome == Outcome::ok &&
         (operation.function == model::Function::read || operation.function == model::Function::cas);
}

Value seen_by(const ShownOperation& operation) {
  if (operation.function == model::Function::read) return operation.result;
  return std::get<std::pair<std::int64_t, std::int64_t>>(operation.argument).first;
}

std::optional<Value> produced_by(const ShownOperation& operation) {
  if (operation.function == model::Function::write) return operation.argument;
  if (operation.function == model::Function::cas)
    return Value{std::get<std::pair<std::int64_t, std::int64_t>>(operation.argument).second};
  return std::nullopt;
}

struct Case {
  const std::string& key;
  const std::vector<ShownOperation>& operations;
  const ShownOperation& observer;
  Value seen;
  bool any_start;

  std::string what_it_saw() const {
    if (observer.function == model::Function::cas)
      return fmt::format("{}'s {}{} succeeded", observer.client, describe_operation(observer), describe_node(observer));
    return fmt::format("{} read {}{}", observer.client, describe_value(seen), describe_node(observer));
  }

  bool produces_seen(const ShownOperation& operation) const {
    const auto produced = produced_by(operation);
    return produced && *produced == seen && &operation != &observer;
  }

  // Could the seen value have been written after `operation` took effect?
  bool written_after(const ShownOperation& operation) const {
    return std::any_of(operations.begin(), operations.end(), [&](const ShownOperation& other) {
      return produces_seen(other) && other.return_ns >= operation.invoke_ns && other.invoke_ns <= observer.return_ns;
    });
  }
};

std::string unexplained(const Case& it) {
  if (it.any_start) return {};
  const ShownOperation* earliest = nullptr;
  for (const ShownOperation& operation : it.operations)
    if (it.produces_seen(operation) && (!earliest || operation.invoke_ns < earliest->invoke_ns)) earliest = &operation;
  if (earliest && earliest->invoke_ns > it.observer.return_ns)
    return fmt::format("future read: key {}: {}, {} before {} invoked its {}", it.key, it.what_it_saw(),
                       describe_span(earliest->invoke_ns - it.observer.return_ns), earliest->client,
                       describe_operation(*earliest));
  if (!earliest && it.operations.size() == 1)
    return fmt::format("phantom read: key {}: {}, but nobody wrote {}", it.key, it.what_it_saw(),
                       describe_value(it.seen));
  return {};
}

std::string stale(const Case& it) {
  const ShownOperation* newest = nullptr;
  for (const ShownOperation& operation : it.operations) {
    const auto produced = produced_by(operation);
    if (!produced || *produced == it.seen || operation.return_ns >= it.observer.invoke_ns ||
        it.written_after(operation))
      continue;
    if (!newest || operation.return_ns > newest->return_ns) newest = &operation;
  }
  if (!newest) return {};
  return fmt::format("{}: key {}: {} although {}'s {} had been acknowledged {} earlier",
                     it.observer.function == model::Function::cas ? "stale compare-and-set" : "stale read", it.key,
                     it.what_it_saw(), newest->client, describe_operation(*newest),
                     describe_span(it.observer.invoke_ns - newest->return_ns));
}

std::string doubled_cas(const Case& it) {
  if (it.observer.function != model::Function::cas) return {};
  const auto writers = (it.any_start ? 1 : 0) +
                       std::count_if(it.operations.begin(), it.operations.end(),
                                     [&](const ShownOperation& operation) { return it.produces_seen(operation); });
  for (const ShownOperation& other : it.operations)
    if (&other != &it.observer && other.function == model::Function::cas && observes(other) &&
        seen_by(other) == it.seen && writers <= 1)
      return fmt::format("lost update: key {}: {}'s {} and {}'s {} both succeeded from one {}", it.key, other.client,
                         describe_operation(other), it.observer.client, describe_operation(it.observer),
                         describe_value(it.seen));
  return {};
}

std::string backwards(const Case& it) {
  const ShownOperation* newest = nullptr;
  for (const ShownOperation& other : it.operations)
    if (&other != &it.observer && observes(other) && other.function == model::Function::read &&
        other.result != it.seen && other.return_ns < it.observer.invoke_ns && !it.written_after(other) &&
        (!newest || other.return_ns > newest->return_ns))
      newest = &other;
  if (!newest) return {};
  return fmt::format("reads went back: key {}: {} although {} had already read {}{} {} earlier", it.key,
                     it.what_it_saw(), newest->client, describe_value(newest->result), describe_node(*newest),
                     describe_span(it.observer.invoke_ns - newest->return_ns));
}

std::string disagreement(const Case& it) {
  if (it.operations.size() != 2 || it.operations[0].function != model::Function::read ||
      it.operations[1].function != model::Function::read)
    return {};
  const ShownOperation& other = &it.operations[0] == &it.observer ? it.operations[1] : it.operations[0];
  return fmt::format("reads disagree: key {}: {} while {} read {}{}, and nobody was writing either value", it.key,
                     it.what_it_saw(), other.client, describe_value(other.result), describe_node(other));
}

}  // namespace

const ShownOperation* last_observer(const std::vector<ShownOperation>& operations) {
  const ShownOperation* last = nullptr;
  for (const ShownOperation& operation : operations)
    if (observes(operation) && (!last || operation.return_ns > last->return_ns)) last = &operation;
  return last;
}

std::string classify_register(const std::string& key, const std::vector<ShownOperation>& operations, bool any_start) {
  std::vector<const ShownOperation*> observers;
  for (const ShownOperation& operation : operations)
    if (observes(operation)) observers.push_back(&operation);
  std::stable_sort(observers.begin(), observers.end(), [](auto* a, auto* b) { return a->return_ns > b->return_ns; });
  for (const auto template_of : {unexplained, stale, doubled_cas, backwards, disagreement})
    for (const ShownOperation* observer : observers)
      if (auto sentence = template_of({key, operations, *observer, seen_by(*observer), any_start}); !sentence.empty())
        return sentence;
  if (observers.empty())
    return fmt::format("key {}: no order of these {} operations is possible", key, operations.size());
  const Case last{key, operations, *observers.front(), seen_by(*observers.front()), any_start};
  return fmt::format("key {}: no order of these {} operations explains that {}", key, operations.size(),
                     last.what_it_saw());
}

}  // namespace fracas::checker
