#include <fmt/format.h>

#include <optional>

#include "controller/report/junit.h"

namespace fracas::controller {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// The code point `text` begins with; nothing if its bytes are no shortest-form UTF-8.
std::optional<CodePoint> decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) return std::nullopt;
  if (length == 1) return CodePoint{lead, 1};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return std::nullopt;
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF) return std::nullopt;
  return CodePoint{value, length};
}

// Source: XML 1.0, production [2] Char.
bool allowed(char32_t value) {
  if (value < 0x20) return value == '\t' || value == '\n' || value == '\r';
  return (value < 0xD800 || value > 0xDFFF) && value != 0xFFFE && value != 0xFFFF;
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto point = decode(text);
    const std::size_t length = point ? point->length : 1;
    if (!point || !allowed(point->value))
      result += "\xEF\xBF\xBD";
    else if (point->value < 0x20 || std::string_view("<>&\"'").find(text.front()) != std::string_view::npos)
      result += fmt::format("&#{};", static_cast<std::uint32_t>(point->value));
    else
      result += text.substr(0, length);
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace fracas::controller
