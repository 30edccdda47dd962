#include "controller/store/row.h"

namespace fracas::controller {

std::string Row::text(std::size_t column) const {
  const auto* text = std::get_if<std::string>(&values_.at(column));
  return text == nullptr ? "" : *text;
}

std::int64_t Row::integer(std::size_t column) const {
  const auto* integer = std::get_if<std::int64_t>(&values_.at(column));
  return integer == nullptr ? 0 : *integer;
}

double Row::real(std::size_t column) const {
  const auto* real = std::get_if<double>(&values_.at(column));
  return real == nullptr ? static_cast<double>(integer(column)) : *real;
}

bool Row::null(std::size_t column) const {
  return std::holds_alternative<std::monostate>(values_.at(column));
}

}  // namespace fracas::controller
