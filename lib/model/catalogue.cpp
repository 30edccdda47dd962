#include "lib/model/catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_docs.h"
#include "lib/model/field_rules.h"
#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;

constexpr Section kSections[] = {Section::fault, Section::workload, Section::target, Section::check, Section::probe};

const pb::Descriptor& descriptor_of(Section section) {
  switch (section) {
    case Section::fault:
      return *FaultSpec::descriptor();
    case Section::workload:
      return *Workload::descriptor();
    case Section::target:
      return *Target::descriptor();
    case Section::check:
      return *CheckSpec::descriptor();
    case Section::probe:
      return *ProbeSpec::descriptor();
  }
  ensure(false, "every section has a message");
  return *FaultSpec::descriptor();
}

std::string_view section_name(Section section) {
  constexpr std::string_view kNames[] = {"fault", "workload", "target", "check", "probe"};
  return kNames[static_cast<std::size_t>(section)];
}

std::string_view type_of(const pb::FieldDescriptor& key) {
  switch (form_of(key)) {
    case Form::text:
      return "text";
    case Form::flag:
      return "yes or no";
    case Form::number:
      return "number";
    case Form::probability:
      return "share";
    case Form::rate:
      return "rate";
    case Form::bytes:
      return "size";
    case Form::one_of:
      return "choice";
    case Form::duration:
      return "duration";
    case Form::seed:
      return "seed";
    case Form::recurrence:
      return "recurrence";
    case Form::list:
      return "list";
    case Form::table:
      return "table";
  }
  return "";
}

FieldDoc doc_of_field(const pb::FieldDescriptor& key) {
  const FieldRule& rule = rule_of(key);
  FieldDoc field_doc{.name = key.name(),
                     .type = std::string(type_of(key)),
                     .doc = rule.doc(),
                     .min = rule.min(),
                     .max = rule.max(),
                     .default_value = rule.default_(),
                     .example = rule.example(),
                     .required = rule.required(),
                     .ramp = rule.ramp(),
                     .values = {}};
  if (key.is_repeated()) field_doc.type = "list of " + field_doc.type + "s";
  if (key.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM)
    for (int i = 0; i < key.enum_type()->value_count(); ++i)
      field_doc.values.push_back(
          ValueDoc{.name = written(*key.enum_type()->value(i)), .doc = doc_of(*key.enum_type()->value(i))});
  return field_doc;
}

void append_field(std::string& text, const FieldDoc& field_doc) {
  text += fmt::format("  {:<16} {}\n", field_doc.name, field_doc.doc);
  text += fmt::format("  {:<16} {}\n", "", facts(field_doc));
  for (const ValueDoc& value : field_doc.values)
    text += fmt::format("  {:<16}   {:<18} {}\n", "", value.name, value.doc);
}

void append_kind(std::string& text, const KindDoc& kind_doc) {
  text += fmt::format("{} {}: {}\n", section_name(kind_doc.section), kind_doc.kind, kind_doc.doc);
  if (!kind_doc.counters.empty()) text += fmt::format("counts: {}\n", kind_doc.counters);
  if (!kind_doc.fields.empty()) text += kind_doc.section == Section::target ? "\nits options\n" : "\nits keys\n";
  for (const FieldDoc& field_doc : kind_doc.fields) append_field(text, field_doc);
  const auto common = common_fields(kind_doc.section);
  if (!common.empty()) text += fmt::format("\nkeys of every {}\n", section_name(kind_doc.section));
  for (const FieldDoc& field_doc : common) append_field(text, field_doc);
  text += "\nexample\n";
  std::string_view rest = kind_doc.example;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text += fmt::format("  {}\n", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

std::vector<FieldDoc> fields_of(const pb::Descriptor& type) {
  std::vector<FieldDoc> docs;
  for (int i = 0; i < type.field_count(); ++i) {
    if (is_alternative(*type.field(i))) continue;
    if (!is_flat(*type.field(i))) {
      docs.push_back(doc_of_field(*type.field(i)));
      continue;
    }
    auto inner = fields_of(*type.field(i)->message_type());
    docs.insert(docs.end(), inner.begin(), inner.end());
  }
  return docs;
}

std::string facts(const FieldDoc& field_doc) {
  std::string text = field_doc.type;
  const bool counted = field_doc.type == "text" || field_doc.type.starts_with("list");
  const std::string_view unit = field_doc.type == "text" ? " characters" : counted ? " elements" : "";
  if (!field_doc.min.empty() && !field_doc.max.empty()) {
    text += fmt::format(", {} to {}{}", field_doc.min, field_doc.max, unit);
  } else if (!field_doc.min.empty()) {
    text += fmt::format(", at least {}{}", field_doc.min, unit);
  } else if (!field_doc.max.empty()) {
    text += fmt::format(", at most {}{}", field_doc.max, unit);
  }
  if (field_doc.required) text += ", required";
  if (!field_doc.default_value.empty()) text += ", default " + field_doc.default_value;
  if (!field_doc.example.empty()) text += ", such as " + field_doc.example;
  if (field_doc.ramp) text += "; a ramp may change it";
  return text;
}

std::vector<KindDoc> kinds(Section section) {
  std::vector<KindDoc> docs;
  const pb::OneofDescriptor* alternatives = choice_by_kind(descriptor_of(section));
  for (int i = 0; i < alternatives->field_count(); ++i) {
    const pb::Descriptor& type = *alternatives->field(i)->message_type();
    const MessageRule& rule = rule_of(type);
    docs.push_back(KindDoc{.section = section,
                           .kind = rule.kind(),
                           .doc = rule.doc(),
                           .counters = rule.counters(),
                           .example = rule.example(),
                           .fields = fields_of(type)});
  }
  return docs;
}

std::vector<FieldDoc> common_fields(Section section) {
  return fields_of(descriptor_of(section));
}

Result<std::string> explain(std::string_view kind) {
  std::string text;
  std::vector<std::string> names;
  for (const Section section : kSections) {
    for (const KindDoc& kind_doc : kinds(section)) {
      names.push_back(kind_doc.kind);
      if (kind_doc.kind != kind) continue;
      if (!text.empty()) text += "\n";
      append_kind(text, kind_doc);
    }
  }
  if (text.empty()) return failure(fmt::format("there is no \"{}\"{}", kind, suggestion(kind, names)));
  return text;
}

}  // namespace fracas::model
