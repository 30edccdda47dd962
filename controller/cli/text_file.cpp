#include "controller/cli/text_file.h"

#include <fstream>

namespace fracas::controller {

Status write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) return failure(path.string() + ": cannot be written");
  return {};
}

}  // namespace fracas::controller
