#pragma once
#include <string>
#include <utility>
#include <vector>

#include "lib/model/history.h"

// Writes histories down in the order of time: each event is a millisecond after the one before.
namespace fracas::checker::tests {

using model::Event;
using model::EventType;
using model::Function;
using model::Value;

class EventWriter {
 public:
  explicit EventWriter(std::string key = "k") : key_(std::move(key)) {}

  EventWriter& add(const std::string& process, EventType type, Function function, Value value = {}) {
    now_ns_ += 1'000'000;
    events_.push_back({now_ns_, process, type, function, key_, std::move(value), "n1", {}});
    return *this;
  }
  EventWriter& invoke(const std::string& process, Function function, Value value = {}) {
    return add(process, EventType::invoke, function, std::move(value));
  }
  EventWriter& ok(const std::string& process, Function function, Value value = {}) {
    return add(process, EventType::ok, function, std::move(value));
  }
  EventWriter& fail(const std::string& process, Function function, Value value = {}) {
    return add(process, EventType::fail, function, std::move(value));
  }
  EventWriter& info(const std::string& process, Function function, Value value = {}) {
    return add(process, EventType::info, function, std::move(value));
  }
  // Invoked and returned with nothing in between.
  EventWriter& whole(const std::string& process, Function function, const Value& value) {
    return invoke(process, function, function == Function::read ? Value{} : value).ok(process, function, value);
  }
  EventWriter& write(const std::string& process, std::int64_t value) { return whole(process, Function::write, value); }
  EventWriter& read(const std::string& process, Value value) { return whole(process, Function::read, value); }
  EventWriter& append(const std::string& process, std::int64_t value) {
    return whole(process, Function::append, value);
  }
  EventWriter& cas(const std::string& process, std::int64_t from, std::int64_t to) {
    return whole(process, Function::cas, std::pair(from, to));
  }
  EventWriter& key(std::string key) {
    key_ = std::move(key);
    return *this;
  }
  EventWriter& pause_ms(std::int64_t milliseconds) {
    now_ns_ += milliseconds * 1'000'000;
    return *this;
  }

  const std::vector<Event>& events() const { return events_; }
  std::int64_t now_ns() const { return now_ns_; }

 private:
  std::string key_;
  std::int64_t now_ns_ = 0;
  std::vector<Event> events_;
};

inline Value list(std::vector<std::int64_t> elements) {
  return Value{std::move(elements)};
}
inline const Value kNil{};

}  // namespace fracas::checker::tests
