#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/random.h"

// Sequential objects, each as small as its definition: to run histories on, and to try all orders with.
namespace fracas::checker::tests {

enum class Object : std::uint8_t {
  fifo_queue,
  stack,
  priority_queue,
  semaphore,
  fenced_lock,
  plain_lock,  // a fenced lock that gives no tokens
  counter,
  set,
  log,
};

// What an object holds. Of a lock: who holds it (0 = nobody), and the last token. Of a log: two numbers an entry (its
// offset and value), then, behind a zero, two for each process that has read (its number and where it goes on).
using Contents = std::vector<std::int64_t>;

inline constexpr std::int64_t kPermits = 2;  // of the semaphore

class Machine {
 public:
  Machine(Object object, Values& values) : object_(object), values_(values) {}

  static Contents start(Object object) {
    if (object == Object::fenced_lock || object == Object::plain_lock) return {0, 0};
    const bool number = object == Object::counter || object == Object::semaphore || object == Object::log;
    return number ? Contents{0} : Contents{};
  }

  // The answer of `operation` to `contents`, which it changes. Nothing where it cannot take place.
  std::optional<Value> step(const Operation& operation, Contents& contents) {
    switch (operation.function) {
      case Function::enqueue:
      case Function::push:
      case Function::insert:
        contents.push_back(operation.argument.integer());
        return Value{};
      case Function::dequeue:
      case Function::pop:
      case Function::remove_min:
        return take(contents, true);
      case Function::peek:
        return take(contents, false);
      case Function::length:
        return Value::of(static_cast<std::int64_t>(contents.size()));
      case Function::acquire:
      case Function::release:
        return object_ == Object::semaphore ? permit(operation, contents) : lock(operation, contents);
      case Function::append:
        return append(operation, contents);
      case Function::poll:
        return poll(operation, contents);
      default:
        return object_ == Object::set ? element(operation, contents) : count(operation, contents);
    }
  }

 private:
  std::optional<Value> take(Contents& contents, bool remove) const {
    if (contents.empty()) return Value{};
    auto place = contents.begin();
    if (object_ == Object::stack) place = contents.end() - 1;
    if (object_ == Object::priority_queue) place = std::min_element(contents.begin(), contents.end());
    const std::int64_t taken = *place;
    if (remove) contents.erase(place);
    return Value::of(taken);
  }

  static std::optional<Value> permit(const Operation& operation, Contents& contents) {
    contents[0] += operation.function == Function::acquire ? 1 : -1;
    if (contents[0] < 0 || contents[0] > kPermits) return std::nullopt;
    return Value{};
  }

  std::optional<Value> lock(const Operation& operation, Contents& contents) const {
    const std::int64_t process = operation.process + std::int64_t{1};
    if (operation.function == Function::release) {
      if (contents[0] != process) return std::nullopt;
      contents[0] = 0;
      return Value{};
    }
    if (contents[0] != 0) return std::nullopt;
    contents[0] = process;
    if (object_ == Object::plain_lock) return Value{};
    // Any greater token will do: the history says which. Without an answer, the smallest.
    const std::int64_t token = operation.outcome == Outcome::ok ? operation.result.integer() : contents[1] + 1;
    if (token <= contents[1]) return std::nullopt;
    contents[1] = token;
    return Value::of(token);
  }

  std::optional<Value> count(const Operation& operation, Contents& contents) const {
    if (operation.function == Function::read) return Value::of(contents[0]);
    const std::int64_t amount = operation.argument.integer();
    contents[0] += operation.function == Function::add ? amount : -amount;
    return Value{};
  }

  std::optional<Value> element(const Operation& operation, Contents& contents) {
    if (operation.function == Function::read) return all(contents);
    const std::int64_t value = operation.argument.integer();
    const auto at = std::lower_bound(contents.begin(), contents.end(), value);
    const bool there = at != contents.end() && *at == value;
    if (operation.function == Function::add && !there) contents.insert(at, value);
    if (operation.function == Function::remove && there) contents.erase(at);
    if (operation.function == Function::add) return Value::of(!there);
    return Value::of(there);  // it was removed, or it is contained
  }

  Value all(const Contents& contents) {
    std::vector<Value> elements;
    for (const std::int64_t element : contents) elements.push_back(Value::of(element));
    return values_.list(elements);
  }

  // The offset is the operation's result, whatever its outcome; any greater one will do.
  static std::optional<Value> append(const Operation& operation, Contents& contents) {
    const auto end = entries_end(contents);
    if (!operation.result.is(Value::Kind::integer)) return std::nullopt;
    const std::int64_t offset = operation.result.integer();
    if (end != contents.begin() && *(end - 2) >= offset) return std::nullopt;
    const std::int64_t entry[]{offset, operation.argument.integer()};
    contents.insert(end, std::begin(entry), std::end(entry));
    return operation.result;
  }

  // Reads as many entries as the answer has; all that there are where it has none.
  std::optional<Value> poll(const Operation& operation, Contents& contents) {
    const bool known = operation.result.is(Value::Kind::list);
    const auto seen = known ? values_.elements_of(operation.result) : std::span<const Value>{};
    const std::size_t most = known ? seen.size() : contents.size();
    const auto end = entries_end(contents);
    auto position = end + 1;
    while (position != contents.end() && *position != operation.process) position += 2;
    std::optional<std::int64_t> next;
    if (operation.argument.is(Value::Kind::integer))
      next = operation.argument.integer();
    else if (position != contents.end())
      next = *(position + 1);
    else if (!seen.empty())
      next = values_.elements_of(seen[0])[0].integer();
    std::vector<Value> read;
    for (auto entry = contents.begin(); entry != end && read.size() < most; entry += 2) {
      if (next && *entry < *next) continue;
      const Value pair[]{Value::of(*entry), Value::of(*(entry + 1))};
      read.push_back(values_.list(pair));
      next = *entry + 1;
    }
    if (next && position == contents.end()) {
      contents.push_back(operation.process);
      contents.push_back(*next);
    } else if (next) {
      *(position + 1) = *next;
    }
    return values_.list(read);
  }

  static Contents::iterator entries_end(Contents& contents) {
    auto end = contents.begin();
    while (*end != 0) end += 2;  // offsets count from 1
    return end;
  }

  Object object_;
  Values& values_;
};

}  // namespace fracas::checker::tests
