#include "lib/model/json_schema.h"

#include <google/protobuf/descriptor.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "lib/model/experiment.pb.h"
#include "lib/model/field_rules.h"
#include "lib/model/gameday.pb.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;

constexpr std::string_view kDraft = "http://json-schema.org/draft-07/schema#";
constexpr const char* kDuration = "^([0-9.]+(ns|us|ms|s|m|h|d))+$";
constexpr const char* kRate = "^[0-9.]+/(ms|s|m|h)$";
constexpr const char* kBytes = "^[0-9.]+([KMGT]i?)?B$";
constexpr const char* kShare = "^[0-9.]+%?$";
constexpr const char* kVariable = "\\$\\{";

// A text of that form, or one in which a variable's value is to stand.
Json text_like(const std::string& pattern) {
  return {{"anyOf",
           Json::array({{{"type", "string"}, {"pattern", pattern}}, {{"type", "string"}, {"pattern", kVariable}}})}};
}

void bound(Json& schema, const FieldRule& rule, const char* least, const char* most) {
  if (!rule.min().empty()) schema[least] = std::strtod(rule.min().c_str(), nullptr);
  if (!rule.max().empty()) schema[most] = std::strtod(rule.max().c_str(), nullptr);
}

Json table_schema(const pb::Descriptor& type);

Json number_schema(const pb::FieldDescriptor& key) {
  const bool fraction = key.cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE;
  Json schema{{"type", fraction ? "number" : "integer"}};
  bound(schema, rule_of(key), "minimum", "maximum");
  if (!schema.contains("minimum") && !fraction) schema["minimum"] = 0;
  return schema;
}

Json text_schema(const pb::FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  if (!rule.pattern().empty()) return text_like("^(" + rule.pattern() + ")$");
  return {{"type", "string"}};
}

Json recurrence_schema(const pb::FieldDescriptor& key) {
  Json table = table_schema(*key.message_type());
  table["minProperties"] = 1;
  table["maxProperties"] = 1;
  return {{"anyOf", Json::array({text_like(kDuration), std::move(table)})}};
}

Json element_schema(const pb::FieldDescriptor& key);

Json list_of(Json element, const FieldRule& rule) {
  Json schema{{"type", "array"}, {"items", std::move(element)}};
  bound(schema, rule, "minItems", "maxItems");
  return schema;
}

Json element_schema(const pb::FieldDescriptor& key) {
  switch (form_of(key)) {
    case Form::text:
      return text_schema(key);
    case Form::flag:
      return {{"type", "boolean"}};
    case Form::number:
      return number_schema(key);
    case Form::probability:
      return {{"anyOf", Json::array({{{"type", "number"}, {"minimum", 0}, {"maximum", 1}}, text_like(kShare)})}};
    case Form::rate:
      return text_like(kRate);
    case Form::bytes:
      return text_like(kBytes);
    case Form::one_of:
      return {{"anyOf", Json::array({{{"enum", written_values(key)}}, {{"type", "string"}, {"pattern", kVariable}}})}};
    case Form::duration:
      return text_like(kDuration);
    case Form::seed:
      return {{"anyOf", Json::array({{{"type", "integer"}, {"minimum", 0}}, text_like("^([0-9]{1,20}|random)$")})}};
    case Form::recurrence:
      return recurrence_schema(key);
    case Form::list:
      return list_of(element_schema(*key.message_type()->field(0)), rule_of(key));
    case Form::table:
      break;
  }
  Json table = table_schema(*key.message_type());
  if (!rule_of(key).shorthand()) return table;
  return {{"anyOf", Json::array({element_schema(*key.message_type()->field(0)), std::move(table)})}};
}

Json key_schema(const pb::FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  Json schema = key.is_repeated() ? list_of(element_schema(key), form_of(key) == Form::text ? FieldRule() : rule)
                                  : element_schema(key);
  if (!rule.doc().empty()) schema["description"] = rule.doc();
  if (!rule.default_().empty()) schema["default"] = rule.default_();
  return schema;
}

void add_keys(Json& table, const pb::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& key = *type.field(i);
    if (is_alternative(key)) continue;
    if (is_flat(key)) {
      add_keys(table, *key.message_type());
      continue;
    }
    table["properties"][key.name()] = key_schema(key);
    if (rule_of(key).required()) table["required"].push_back(key.name());
  }
}

Json empty_table() {
  return {
      {"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}, {"additionalProperties", false}};
}

// A table whose `kind` says which keys it has: one complete table for each kind.
Json alternatives_schema(const pb::Descriptor& type, const pb::OneofDescriptor& alternatives) {
  const std::string& inner = rule_of(alternatives).table();
  Json all = Json::array();
  for (int i = 0; i < alternatives.field_count(); ++i) {
    const pb::Descriptor& member = *alternatives.field(i)->message_type();
    Json table = empty_table();
    table["description"] = rule_of(member).doc();
    table["properties"]["kind"] = {{"const", rule_of(member).kind()}, {"description", rule_of(member).doc()}};
    table["required"].push_back("kind");
    add_keys(table, type);
    if (inner.empty())
      add_keys(table, member);
    else
      table["properties"][inner] = table_schema(member);
    all.push_back(std::move(table));
  }
  return {{"oneOf", std::move(all)}};
}

Json table_schema(const pb::Descriptor& type) {
  if (const pb::OneofDescriptor* alternatives = choice_by_kind(type)) return alternatives_schema(type, *alternatives);
  Json table = empty_table();
  add_keys(table, type);
  return table;
}

Json variables() {
  return {{"type", "object"},
          {"additionalProperties", {{"type", Json::array({"string", "number", "boolean"})}}},
          {"description", "values for ${NAME} in any text"}};
}

// What the reader takes out of a file before it looks for the vocabulary.
void add_layers(Json& root) {
  Json& properties = root["properties"];
  properties["extends"] = {{"type", "string"}, {"description", "a file whose keys hold where this one says nothing"}};
  properties["include"] = {{"type", "array"},
                           {"items", {{"type", "string"}}},
                           {"description", "files whose keys hold likewise, and whose lists are added to these"}};
  properties["vars"] = variables();
  properties["matrix"] = {{"type", "object"},
                          {"description", "lists of values by path: one experiment for each combination"}};
  Json whole{{"required", root["required"]}};
  root.erase("required");
  root["anyOf"] = Json::array(
      {std::move(whole), {{"required", Json::array({"extends"})}}, {{"required", Json::array({"include"})}}});
}

}  // namespace

std::string experiment_json_schema() {
  Json root{{"$schema", kDraft}, {"title", "fracas experiment"}};
  root.update(table_schema(*Experiment::descriptor()));
  add_layers(root);
  return root.dump(2) + "\n";
}

std::string gameday_json_schema() {
  Json root{{"$schema", kDraft}, {"title", "fracas game day"}};
  root.update(table_schema(*GameDayPlan::descriptor()));
  root["properties"]["vars"] = variables();
  return root.dump(2) + "\n";
}

}  // namespace fracas::model
