#pragma once
#include <algorithm>
#include <string_view>

namespace fracas::agent {

// True if `text` consists of ASCII letters, digits and the characters of `extra` alone.
inline bool consists_of(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

}  // namespace fracas::agent
