#pragma once
#include <string>

// Base64 as in RFC 4648, section 4, in which the JSON of some servers carries keys and values.
namespace fracas::controller {

std::string base64(const std::string& text);

// What is no base64 gives the empty text.
std::string from_base64(const std::string& text);

}  // namespace fracas::controller
