#pragma once
#include <cstdint>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::checker {

// What the system under test promises to be, key by key. Every key starts as nil, or as the empty list.
enum class Model : std::uint8_t {
  reg,           // "register": read, write
  cas_register,  // "cas-register": read, write, cas (compare and set)
  list_append,   // "list-append": append one number, read the whole list
};

std::string_view name(Model model);
// ERRORS: the names there are.
Result<Model> parse_model(std::string_view text);

}  // namespace fracas::checker
