#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fracas::controller {

// NULL, an integer, a real or a text; a bool is an integer.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

// One row of an answer; columns are counted from 0. What has another type reads as 0 or "".
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  std::string text(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  bool flag(std::size_t column) const { return integer(column) != 0; }
  bool null(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

}  // namespace fracas::controller
