#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"

// Writes histories with values of any kind, each event a millisecond after the one before.
namespace fracas::checker::tests {

class Rows {
 public:
  explicit Rows(std::string key = "k") : key_(std::move(key)) {}

  Values& values() { return builder_.values(); }
  checker::Value text(std::string_view text) { return values().text(text); }
  static checker::Value number(std::int64_t number) { return checker::Value::of(number); }
  checker::Value list(std::initializer_list<checker::Value> elements) {
    return values().list(std::span(elements.begin(), elements.size()));
  }

  Rows& key(std::string key) {
    key_ = std::move(key);
    return *this;
  }
  Rows& add(std::string_view process, model::EventType type, std::string_view function, checker::Value value = {}) {
    now_ns_ += 1'000'000;
    EventRow row;
    row.time_ns = now_ns_;
    row.type = type;
    row.function = *builder_.functions().intern(function);
    row.process = builder_.process(process);
    row.node = builder_.node("n1");
    row.key = key_.empty() ? checker::Value{} : builder_.values().text(key_);
    row.value = value;
    ensure(builder_.add(row).has_value(), "a test's history keeps its own rules");
    return *this;
  }
  Rows& invoke(std::string_view process, std::string_view function, checker::Value value = {}) {
    return add(process, model::EventType::invoke, function, value);
  }
  Rows& ok(std::string_view process, std::string_view function, checker::Value value = {}) {
    return add(process, model::EventType::ok, function, value);
  }
  Rows& fail(std::string_view process, std::string_view function, checker::Value value = {}) {
    return add(process, model::EventType::fail, function, value);
  }
  Rows& info(std::string_view process, std::string_view function, checker::Value value = {}) {
    return add(process, model::EventType::info, function, value);
  }
  // Invoked with `argument` and answered with `result`, with nothing in between.
  Rows& whole(std::string_view process, std::string_view function, checker::Value argument, checker::Value result) {
    return invoke(process, function, argument).ok(process, function, result);
  }

  History finish() && { return std::move(builder_).finish(); }

 private:
  HistoryBuilder builder_;
  std::string key_;
  std::int64_t now_ns_ = 0;
};

}  // namespace fracas::checker::tests
