#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/field_rules.h"
#include "lib/model/toml_document.h"

namespace google::protobuf {
class FieldDescriptor;
}

// Single values: from TOML, in the form and the range their field asks for.
namespace fracas::model {

// A choice is its value's number in the enum. Bytes and numbers without a fraction are whole.
using Scalar = std::variant<std::string, bool, std::uint64_t, double, Duration, int>;

// ERRORS: the wrong type, an unknown unit or choice, out of range; each says what would be right.
// REQUIRES: form_of(key) is neither seed, recurrence, list nor table.
Result<Scalar> read_scalar(const TomlNode& node, const google::protobuf::FieldDescriptor& key);

// A default, min or max of our options, written as in TOML: "5s", "true", "ipv4".
// REQUIRES: it is one; a wrong text in our options is a bug.
Scalar scalar_of(const std::string& text, const google::protobuf::FieldDescriptor& key);

// "between 1 and 15", "at least 1", "at most 15", or "".
std::string range_text(const FieldRule& rule);

}  // namespace fracas::model
