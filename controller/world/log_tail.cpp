#include "controller/world/log_tail.h"

#include "lib/os/file.h"

namespace fracas::controller {

std::string log_tail(const std::filesystem::path& log, std::size_t lines) {
  const auto content = os::read_file(log);
  if (!content) return "\n  (" + content.error().message + ")";
  std::string_view text = *content;
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return "\n  (" + log.string() + " is empty)";
  std::size_t start = text.size();
  for (std::size_t found = 0; found < lines && start != std::string_view::npos && start > 0; ++found)
    start = text.rfind('\n', start - 1);
  text.remove_prefix(start == std::string_view::npos || start == 0 ? 0 : start + 1);
  std::string tail = "\n  the end of " + log.string() + ":\n    ";
  for (const char c : text) {
    tail += c;
    if (c == '\n') tail += "    ";
  }
  return tail;
}

}  // namespace fracas::controller
