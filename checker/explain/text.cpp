#include "checker/explain/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/quantity.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kListShown = 8;  // elements of a list that are written out

std::string describe_list(const std::vector<std::int64_t>& list) {
  if (list.size() <= kListShown) return fmt::format("[{}]", fmt::join(list, " "));
  return fmt::format("[… {}] ({} elements)", fmt::join(list.end() - kListShown, list.end(), " "), list.size());
}

}  // namespace

std::string describe_value(const model::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* pair = std::get_if<std::pair<std::int64_t, std::int64_t>>(&value))
    return fmt::format("{}->{}", pair->first, pair->second);
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return describe_list(*list);
  return "nil";
}

std::string describe_span(std::int64_t nanoseconds) {
  const std::string text = describe_duration(Duration(nanoseconds));
  const std::size_t unit = std::min(text.find_first_not_of("-0123456789."), text.size());
  return fmt::format("{} {}", std::string_view(text).substr(0, unit), std::string_view(text).substr(unit));
}

std::string describe_operation(const ShownOperation& operation) {
  const bool known = operation.outcome == Outcome::ok;
  const model::Value& value = operation.function == model::Function::read ? operation.result : operation.argument;
  return fmt::format("{} {}{}", model::name(operation.function), describe_value(value), known ? "" : "?");
}

std::string describe_node(const ShownOperation& operation) {
  if (operation.node.empty()) return {};
  return fmt::format(" {} {}", operation.function == model::Function::read ? "from" : "at", operation.node);
}

ShownOperation show(const PairedOperations& operations, const PairedOperation& operation) {
  ShownOperation shown{std::string(operations.clients[operation.client]),
                       std::string(operations.node(operation)),
                       operation.function,
                       operations.argument(operation),
                       {},
                       operation.outcome,
                       operation.invoke_ns,
                       operation.return_ns};
  if (operation.outcome == Outcome::ok) shown.result = operations.result(operation);
  return shown;
}

}  // namespace fracas::checker
