#include "lib/model/toml_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <variant>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_rules.h"
#include "lib/model/toml_document.h"
#include "lib/model/toml_scalar.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  return toml_quote(text);
}

std::string duration_text(const pb::Message& value) {
  const auto& proto = static_cast<const pb::Duration&>(value);
  return toml_quote(format_duration(std::chrono::seconds(proto.seconds()) + std::chrono::nanoseconds(proto.nanos())));
}

std::string seed_text(const Seed& seed) {
  if (seed.random()) return "\"random\"";
  return seed.value() > INT64_MAX ? fmt::format("\"{}\"", seed.value()) : fmt::format("{}", seed.value());
}

// A float in TOML always shows that it is one.
std::string float_text(double number) {
  std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

// One field of a message, or one element of a repeated field.
struct Item {
  const pb::Message& owner;
  const FieldDescriptor& key;
  int index = -1;  // -1: the field is not repeated

  const pb::Reflection& reflection() const { return *owner.GetReflection(); }
  const pb::Message& message_value() const {
    return index < 0 ? reflection().GetMessage(owner, &key) : reflection().GetRepeatedMessage(owner, &key, index);
  }
  std::string text() const {
    return index < 0 ? reflection().GetString(owner, &key) : reflection().GetRepeatedString(owner, &key, index);
  }
  double number() const {
    return index < 0 ? reflection().GetDouble(owner, &key) : reflection().GetRepeatedDouble(owner, &key, index);
  }
  std::uint64_t whole() const {
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
      return index < 0 ? reflection().GetUInt64(owner, &key) : reflection().GetRepeatedUInt64(owner, &key, index);
    return index < 0 ? reflection().GetUInt32(owner, &key) : reflection().GetRepeatedUInt32(owner, &key, index);
  }
  bool flag() const {
    return index < 0 ? reflection().GetBool(owner, &key) : reflection().GetRepeatedBool(owner, &key, index);
  }
  std::string choice_text() const {
    const pb::EnumValueDescriptor* value =
        index < 0 ? reflection().GetEnum(owner, &key) : reflection().GetRepeatedEnum(owner, &key, index);
    return toml_quote(written(*value));
  }
};

std::string value_text(const pb::Message& owner, const FieldDescriptor& key);

std::string recurrence_text(const pb::Message& gap) {
  std::vector<const FieldDescriptor*> set;
  gap.GetReflection()->ListFields(gap, &set);
  if (set.empty()) return "{}";
  return fmt::format("{{ {} = {} }}", set.front()->name(), value_text(gap, *set.front()));
}

std::string item_text(const Item& item) {
  switch (form_of(item.key)) {
    case Form::text:
      return quoted(item.text());
    case Form::flag:
      return item.flag() ? "true" : "false";
    case Form::one_of:
      return item.choice_text();
    case Form::probability:
      return float_text(item.number());
    case Form::rate:
      return fmt::format("\"{}/s\"", item.number());
    case Form::bytes:
      return fmt::format("\"{}B\"", item.whole());
    case Form::duration:
      return duration_text(item.message_value());
    case Form::seed:
      return seed_text(static_cast<const Seed&>(item.message_value()));
    case Form::recurrence:
      return recurrence_text(item.message_value());
    case Form::list:
      return value_text(item.message_value(), *item.message_value().GetDescriptor()->field(0));
    default:
      break;
  }
  return item.key.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ? float_text(item.number())
                                                                : fmt::format("{}", item.whole());
}

// The value of a field that is no table.
std::string value_text(const pb::Message& owner, const FieldDescriptor& key) {
  if (!key.is_repeated()) return item_text(Item{.owner = owner, .key = key});
  std::vector<std::string> elements;
  for (int i = 0; i < owner.GetReflection()->FieldSize(owner, &key); ++i)
    elements.push_back(item_text(Item{.owner = owner, .key = key, .index = i}));
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

// Whether 0 could not have been written: a number without a default that must be more.
bool means_absent(const FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  if (rule.min().empty() || !rule.default_().empty()) return false;
  const Scalar least = scalar_of(rule.min(), key);
  if (const auto* whole = std::get_if<std::uint64_t>(&least)) return *whole > 0;
  const auto* number = std::get_if<double>(&least);
  return number != nullptr && *number > 0;
}

bool is_zero(const pb::Message& owner, const FieldDescriptor& key) {
  const Item item{.owner = owner, .key = key};
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return item.whole() == 0;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return item.number() == 0;
    default:
      return false;
  }
}

// What was not given and has no value: absent messages, empty texts and lists, numbers that cannot be 0.
bool is_absent(const pb::Message& owner, const FieldDescriptor& key) {
  const pb::Reflection& reflection = *owner.GetReflection();
  if (key.is_repeated()) return reflection.FieldSize(owner, &key) == 0;
  if (key.has_presence()) return !reflection.HasField(owner, &key);
  if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return reflection.GetString(owner, &key).empty();
  return is_zero(owner, key) && means_absent(key);
}

class Writer {
 public:
  void table(const pb::Message& source, const std::string& path) {
    const pb::OneofDescriptor* alternatives = choice_by_kind(*source.GetDescriptor());
    const FieldDescriptor* chosen =
        alternatives == nullptr ? nullptr : source.GetReflection()->GetOneofFieldDescriptor(source, alternatives);
    if (chosen != nullptr) line("kind", toml_quote(rule_of(*chosen->message_type()).kind()));
    plain_keys(source);
    if (chosen != nullptr) {
      const pb::Message& member = source.GetReflection()->GetMessage(source, chosen);
      const std::string& inner = rule_of(*alternatives).table();
      if (!inner.empty()) header("[" + join(path, inner) + "]");
      plain_keys(member);
      tables(member, inner.empty() ? path : join(path, inner));
    }
    tables(source, path);
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }
  void line(const std::string& key, const std::string& value) { text_ += key + " = " + value + "\n"; }
  void header(const std::string& written_header) { text_ += "\n" + written_header + "\n"; }

  void plain_keys(const pb::Message& source) {
    const pb::Descriptor& type = *source.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& key = *type.field(i);
      if (is_flat(key)) {
        plain_keys(source.GetReflection()->GetMessage(source, &key));
        continue;
      }
      if (is_alternative(key) || form_of(key) == Form::table || is_absent(source, key)) continue;
      line(key.name(), value_text(source, key));
    }
  }

  void tables(const pb::Message& source, const std::string& path) {
    const pb::Reflection& reflection = *source.GetReflection();
    const pb::Descriptor& type = *source.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& key = *type.field(i);
      if (is_flat(key)) {
        tables(reflection.GetMessage(source, &key), path);
        continue;
      }
      if (is_alternative(key) || form_of(key) != Form::table || is_absent(source, key)) continue;
      const std::string inside = join(path, key.name());
      if (!key.is_repeated()) {
        header("[" + inside + "]");
        table(reflection.GetMessage(source, &key), inside);
        continue;
      }
      for (int index = 0; index < reflection.FieldSize(source, &key); ++index) {
        header("[[" + inside + "]]");
        table(reflection.GetRepeatedMessage(source, &key, index), inside);
      }
    }
  }

  std::string text_;
};

}  // namespace

std::string write_message(const pb::Message& source) {
  Writer writer;
  writer.table(source, "");
  return writer.take();
}

}  // namespace fracas::model
