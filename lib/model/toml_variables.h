#pragma once
#include <functional>
#include <optional>
#include <string>

#include "lib/model/mistake.h"
#include "lib/model/toml_document.h"

namespace fracas::model {

// Takes the table [vars] out of a document and puts its values, or what `outside` knows, in place of ${NAME} in every
// text, once; "$${" stands for "${". Values of [vars] are texts, numbers or true and false, and are taken as they are.
// Adds a mistake for an unknown name, a ${ without }, and a variable that is a table or a list.
void substitute_variables(TomlNode& root, const std::function<std::optional<std::string>(const std::string&)>& outside,
                          Mistakes& mistakes);

}  // namespace fracas::model
