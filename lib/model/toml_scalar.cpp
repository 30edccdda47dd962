#include "lib/model/toml_scalar.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <charconv>
#include <cmath>
#include <regex>

#include "lib/base/ensure.h"
#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

using google::protobuf::FieldDescriptor;

// What is said when a value has the wrong type, by form.
std::string expected(Form form, const FieldDescriptor& key, const TomlNode& node) {
  switch (form) {
    case Form::duration:
      return "durations are written with a unit, like \"20ms\"";
    case Form::rate:
      return "rates are written with a unit, like \"500/s\"";
    case Form::bytes:
      return "sizes are written with a unit, like \"64KiB\"";
    case Form::probability:
      return fmt::format("{} must be a share like \"5%\" or 0.05, not {}", key.name(), type_name(node));
    case Form::text:
    case Form::one_of:
      return fmt::format("{} must be a text in quotes, not {}", key.name(), type_name(node));
    case Form::flag:
      return fmt::format("{} must be true or false, not {}", key.name(), type_name(node));
    default:
      return fmt::format("{} must be a whole number, not {}", key.name(), type_name(node));
  }
}

template <typename T>
Result<Scalar> as_scalar(Result<T> value) {
  if (!value) return failure(std::move(value).error());
  return Scalar(*std::move(value));
}

Result<Scalar> parse_choice(const std::string& text, const FieldDescriptor& key) {
  const std::vector<std::string> names = written_values(key);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return Scalar(key.enum_type()->value(static_cast<int>(i))->number());
  return failure(fmt::format("unknown {} \"{}\"{}", key.name(), text, suggestion(text, names)));
}

Result<Scalar> parse_text(const std::string& text, Form form, const FieldDescriptor& key) {
  switch (form) {
    case Form::text:
      return Scalar(text);
    case Form::one_of:
      return parse_choice(text, key);
    case Form::duration:
      return as_scalar(parse_duration(text));
    case Form::probability:
      return as_scalar(parse_probability(text));
    case Form::rate:
      return as_scalar(parse_rate(text));
    default:
      return as_scalar(parse_bytes(text));
  }
}

bool takes_text(Form form) {
  return form != Form::flag && form != Form::number;
}

Result<Scalar> read_share(double share, const FieldDescriptor& key) {
  if (share >= 0 && share <= 1) return Scalar(share);
  return failure(fmt::format("{} is a share from 0 to 1, or like \"5%\", not {}", key.name(), share));
}

Result<Scalar> read_value(const TomlNode& node, Form form, const FieldDescriptor& key) {
  if (const auto* text = std::get_if<std::string>(&node.value); text != nullptr && takes_text(form))
    return parse_text(*text, form, key);
  if (const auto* flag = std::get_if<bool>(&node.value); flag != nullptr && form == Form::flag) return Scalar(*flag);
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) {
    if (form == Form::probability) return read_share(static_cast<double>(*number), key);
    if (form == Form::number && key.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
      return Scalar(static_cast<double>(*number));
    if (form == Form::number && *number < 0) return failure(fmt::format("{} must not be negative", key.name()));
    if (form == Form::number) return Scalar(static_cast<std::uint64_t>(*number));
  }
  if (const auto* number = std::get_if<double>(&node.value)) {
    if (form == Form::probability) return read_share(*number, key);
    if (form == Form::number && key.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && std::isfinite(*number))
      return Scalar(*number);
    if (form == Form::number) return failure(fmt::format("{} must be a whole number, not {}", key.name(), *number));
  }
  return failure(expected(form, key, node));
}

std::string shown(const TomlNode& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&node.value)) return fmt::format("{}", *number);
  return std::string(type_name(node));
}

Status check_length(const std::string& text, const FieldRule& rule, const FieldDescriptor& key) {
  const auto bound = [](const std::string& written) { return std::stoull(written); };
  if (!rule.max().empty() && text.size() > bound(rule.max()))
    return failure(fmt::format("{} has {} characters; at most {}", key.name(), text.size(), rule.max()));
  if (!rule.min().empty() && text.size() < bound(rule.min()))
    return failure(fmt::format("{} has {} characters; at least {}", key.name(), text.size(), rule.min()));
  return {};
}

Status check_text(const std::string& text, const FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  if (rule.required() && text.empty()) return failure(fmt::format("{} is empty", key.name()));
  if (auto fits = check_length(text, rule, key); !fits) return fits;
  if (rule.pattern().empty() || std::regex_match(text, std::regex(rule.pattern()))) return {};
  return failure(fmt::format("{} \"{}\" must match {}", key.name(), text, rule.pattern()));
}

Status check_range(const Scalar& value, const TomlNode& node, const FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  const bool low = !rule.min().empty() && value < scalar_of(rule.min(), key);
  const bool high = !rule.max().empty() && scalar_of(rule.max(), key) < value;
  if (!low && !high) return {};
  return failure(fmt::format("{} must be {}, not {}", key.name(), range_text(rule), shown(node)));
}

}  // namespace

std::string range_text(const FieldRule& rule) {
  if (!rule.min().empty() && !rule.max().empty()) return fmt::format("between {} and {}", rule.min(), rule.max());
  if (!rule.min().empty()) return "at least " + rule.min();
  if (!rule.max().empty()) return "at most " + rule.max();
  return "";
}

Result<Scalar> read_scalar(const TomlNode& node, const FieldDescriptor& key) {
  auto value = read_value(node, form_of(key), key);
  if (!value) return value;
  const auto* text = std::get_if<std::string>(&*value);
  const Status fits = text != nullptr ? check_text(*text, key) : check_range(*value, node, key);
  if (!fits) return failure(fits.error());
  if (key.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 && std::get<std::uint64_t>(*value) > UINT32_MAX)
    return failure(fmt::format("{} must be at most {}", key.name(), UINT32_MAX));
  return value;
}

Scalar scalar_of(const std::string& text, const FieldDescriptor& key) {
  const Form form = form_of(key);
  if (form == Form::flag) return Scalar(text == "true");
  if (form == Form::number) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    ensure(error == std::errc() && end == text.data() + text.size(), "a number in the model's options is a number");
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) return Scalar(number);
    return Scalar(static_cast<std::uint64_t>(number));
  }
  auto value = parse_text(text, form, key);
  ensure(value.has_value(), "a value in the model's options is of its field's form");
  return *std::move(value);
}

}  // namespace fracas::model
