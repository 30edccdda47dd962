#include "controller/serve/run_folders.h"

#include <algorithm>

namespace fracas::controller {

namespace fs = std::filesystem;

std::optional<fs::path> file_below(const fs::path& folder, const std::string& name) {
  if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
  const fs::path relative(name);
  if (relative.is_absolute()) return std::nullopt;
  for (const fs::path& part : relative)
    if (part.empty() || part == "." || part == "..") return std::nullopt;
  std::error_code failed;
  const fs::path root = fs::canonical(folder, failed);
  if (failed) return std::nullopt;
  const fs::path found = fs::canonical(root / relative, failed);
  if (failed || !fs::is_regular_file(found, failed)) return std::nullopt;
  const auto [end, unused] = std::mismatch(root.begin(), root.end(), found.begin(), found.end());
  if (end != root.end()) return std::nullopt;
  return found;
}

std::vector<std::string> files_below(const fs::path& folder, std::size_t limit) {
  std::vector<std::string> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code unreadable;
    if (files.size() < limit && entry->is_regular_file(unreadable) && !entry->is_symlink(unreadable))
      files.push_back(entry->path().lexically_relative(folder).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace fracas::controller
