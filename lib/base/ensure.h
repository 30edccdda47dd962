#pragma once
#include <source_location>
#include <string_view>

namespace fracas {

[[noreturn]] void ensure_failed(std::string_view why, const std::source_location& where);

// Checks what only a bug of ours can break. Always on; aborts with file and line.
inline void ensure(bool condition, std::string_view why,
                   const std::source_location& where = std::source_location::current()) {
  if (!condition) ensure_failed(why, where);
}

}  // namespace fracas
