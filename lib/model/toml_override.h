#pragma once
#include <string>

#include "lib/base/result.h"
#include "lib/model/toml_document.h"

namespace fracas::model {

// Applies `dotted.path=value` to a document. A number in the path counts in a list, and one past its end appends.
// What is no TOML value is taken as a text. Values and errors have the place "--set dotted.path=value".
// ERRORS: no "=", a path that is not one, a list index out of range, a path through something that is no table.
Status apply_override(TomlNode& root, const std::string& assignment);

// The same with a value that was read before, which keeps its place. ERRORS: without a place.
Status set_value(TomlNode& root, const std::string& path, TomlNode value);

}  // namespace fracas::model
