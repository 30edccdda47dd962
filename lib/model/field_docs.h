#pragma once
#include <string>
#include <vector>

#include "lib/model/catalogue.h"

namespace google::protobuf {
class Descriptor;
}

// How catalogue and reference tell of a message's keys.
namespace fracas::model {

// The keys of a message, without the members of a choice by kind.
std::vector<FieldDoc> fields_of(const google::protobuf::Descriptor& type);

// All but name and doc in one line: "duration, 0s to 23h, default 0s, such as 2s".
std::string facts(const FieldDoc& field_doc);

// The keys as a Markdown table, with an empty line behind it; nothing where there are none.
std::string field_table(const std::vector<FieldDoc>& docs);

}  // namespace fracas::model
