#pragma once
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace fracas::controller {

// A whole number that a system answered as text; 0 for nothing, and where there is none.
inline std::int64_t number_of(const std::optional<std::string>& text) {
  return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}

}  // namespace fracas::controller
