#pragma once
#include <string>
#include <vector>

#include "lib/model/options.pb.h"

namespace google::protobuf {
class Descriptor;
class EnumValueDescriptor;
class FieldDescriptor;
class OneofDescriptor;
}  // namespace google::protobuf

// What our options say about descriptors, and how the vocabulary's messages appear in TOML. For the files of lib/model
// that walk descriptors; includes protobuf.
namespace fracas::model {

const FieldRule& rule_of(const google::protobuf::FieldDescriptor& key);
const MessageRule& rule_of(const google::protobuf::Descriptor& type);
const OneofRule& rule_of(const google::protobuf::OneofDescriptor& alternatives);
const std::string& doc_of(const google::protobuf::EnumValueDescriptor& value);

// How the value of a field is written in TOML, of one element for a repeated field.
enum class Form {
  text,
  flag,         // true or false
  number,       // uint32, uint64, double without a unit
  probability,  // UNIT_PROBABILITY
  rate,         // UNIT_RATE
  bytes,        // UNIT_BYTES
  one_of,       // an enum
  duration,     // google.protobuf.Duration
  seed,         // Seed: a number or "random"
  recurrence,   // Recurrence: a duration, or a table of one
  list,         // a message of nothing but one repeated field: that list itself
  table,        // any other message
};
Form form_of(const google::protobuf::FieldDescriptor& key);

// True for a message whose keys stand in the table of the message around it.
bool is_flat(const google::protobuf::FieldDescriptor& key);

// "SHAPE_MAJORITIES_RING" of enum Shape is written "majorities-ring".
std::string written(const google::protobuf::EnumValueDescriptor& value);
// All of an enum field's values as written. REQUIRES: an enum field.
std::vector<std::string> written_values(const google::protobuf::FieldDescriptor& key);
// The oneof of a message that TOML chooses from by `kind`, or null.
const google::protobuf::OneofDescriptor* choice_by_kind(const google::protobuf::Descriptor& type);
// The kinds of such a oneof as written, in its order.
std::vector<std::string> written_kinds(const google::protobuf::OneofDescriptor& alternatives);
// True for members of a oneof by kind, which are no keys themselves.
bool is_alternative(const google::protobuf::FieldDescriptor& key);

}  // namespace fracas::model
