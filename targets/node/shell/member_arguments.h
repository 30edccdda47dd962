#pragma once
#include <string>
#include <utility>

#include "lib/base/result.h"

// What the programs of bundled stores read on their command lines alike.
namespace fracas::node {

// ERRORS: one line that names the text: it is not 1 to 64 letters, digits, "-", "_" or ".".
Status check_member_name(const std::string& name);

// Splits "n2=10.0.0.2:7000" into a member's name and where it is. ERRORS: as above, and what is no such pair.
Result<std::pair<std::string, std::string>> split_peer(const std::string& text);

}  // namespace fracas::node
