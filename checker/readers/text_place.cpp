#include "checker/readers/text_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

std::size_t line_of(std::string_view before) {
  return static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

}  // namespace

tl::unexpected<Error> failure_at(const Text& text, std::size_t offset, std::string_view what) {
  ensure(offset <= text.bytes.size(), "the place is in the text");
  const std::string_view before = text.bytes.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return failure(fmt::format("{}:{}:{}: {}", text.name, line_of(before), offset - line_start + 1, what));
}

tl::unexpected<Error> failure_in_line(const Text& text, std::size_t offset, std::string_view what) {
  ensure(offset <= text.bytes.size(), "the place is in the text");
  return failure(fmt::format("{}:{}: {}", text.name, line_of(text.bytes.substr(0, offset)), what));
}

}  // namespace fracas::checker
