#include "lib/model/field_rules.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace fracas::model {

namespace pb = google::protobuf;

const FieldRule& rule_of(const pb::FieldDescriptor& key) {
  return key.options().GetExtension(field);
}
const MessageRule& rule_of(const pb::Descriptor& type) {
  return type.options().GetExtension(message);
}
const OneofRule& rule_of(const pb::OneofDescriptor& alternatives) {
  return alternatives.options().GetExtension(choice);
}
const std::string& doc_of(const pb::EnumValueDescriptor& value) {
  return value.options().GetExtension(value_doc);
}

namespace {

Form form_of_message(const pb::Descriptor& type) {
  if (type.full_name() == "google.protobuf.Duration") return Form::duration;
  if (type.full_name() == "fracas.model.Seed") return Form::seed;
  if (type.full_name() == "fracas.model.Recurrence") return Form::recurrence;
  if (type.field_count() == 1 && type.field(0)->is_repeated()) return Form::list;
  return Form::table;
}

}  // namespace

Form form_of(const pb::FieldDescriptor& key) {
  switch (key.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return Form::text;
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return Form::flag;
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return Form::one_of;
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return form_of_message(*key.message_type());
    default:
      break;
  }
  switch (rule_of(key).unit()) {
    case UNIT_PROBABILITY:
      return Form::probability;
    case UNIT_RATE:
      return Form::rate;
    case UNIT_BYTES:
      return Form::bytes;
    default:
      return Form::number;
  }
}

bool is_flat(const pb::FieldDescriptor& key) {
  return rule_of(key).flat() && !key.is_repeated() && form_of(key) == Form::table;
}

std::string written(const pb::EnumValueDescriptor& value) {
  // Values begin with their enum's name in capitals: "WorldKind" gives "WORLD_KIND_".
  std::size_t prefix = 1;
  const std::string& type = value.type()->name();
  for (std::size_t i = 0; i < type.size(); ++i) prefix += i > 0 && type[i] >= 'A' && type[i] <= 'Z' ? 2U : 1U;
  std::string name = value.name().substr(std::min(prefix, value.name().size()));
  for (char& c : name) c = c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

std::vector<std::string> written_values(const pb::FieldDescriptor& key) {
  std::vector<std::string> names;
  for (int i = 0; i < key.enum_type()->value_count(); ++i) names.push_back(written(*key.enum_type()->value(i)));
  return names;
}

const pb::OneofDescriptor* choice_by_kind(const pb::Descriptor& type) {
  for (int i = 0; i < type.oneof_decl_count(); ++i)
    if (rule_of(*type.oneof_decl(i)).by_kind()) return type.oneof_decl(i);
  return nullptr;
}

std::vector<std::string> written_kinds(const pb::OneofDescriptor& alternatives) {
  std::vector<std::string> names;
  for (int i = 0; i < alternatives.field_count(); ++i)
    names.push_back(rule_of(*alternatives.field(i)->message_type()).kind());
  return names;
}

bool is_alternative(const pb::FieldDescriptor& key) {
  const pb::OneofDescriptor* alternatives = key.containing_oneof();
  return alternatives != nullptr && rule_of(*alternatives).by_kind();
}

}  // namespace fracas::model
