#include "controller/target/user_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::map<std::string, std::string>& nodes, const std::string& but) {
  std::vector<std::string> parts;
  for (const auto& [name, address] : nodes)
    if (name != but) parts.push_back(name + "=" + address);
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

Result<std::string> find_program(const std::string& word) {
  if (word.find('/') != std::string::npos) return word;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    const fs::path candidate = fs::path(folder) / word;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return fs::absolute(candidate).string();
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
  }
  return failure(fmt::format("there is no program {} in PATH", word), ENOENT);
}

Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words, const Placeholders& placeholders) {
  const auto own = placeholders.nodes.find(placeholders.name);
  std::map<std::string, std::string> values{{"{nodes}", joined(placeholders.nodes, "")}};
  if (own != placeholders.nodes.end())
    values.insert({{"{name}", own->first},
                   {"{address}", own->second},
                   {"{data}", placeholders.data},
                   {"{peers}", joined(placeholders.nodes, own->first)}});
  std::vector<std::string> filled;
  for (std::string word : words) {
    if (word.starts_with("./") || word.starts_with("../"))
      word = (fs::path(placeholders.folder) / word).lexically_normal().string();
    for (std::size_t at = word.find('{'); at != std::string::npos; at = word.find('{', at)) {
      const std::size_t end = word.find('}', at);
      const auto value = end == std::string::npos ? values.end() : values.find(word.substr(at, end + 1 - at));
      if (value == values.end()) {
        std::vector<std::string> known;
        for (const auto& [name, text] : values) known.push_back(name);
        return failure(fmt::format("\"{}\" has a placeholder that is none of {}", word, fmt::join(known, " ")));
      }
      word.replace(at, end + 1 - at, value->second);
      at += value->second.size();
    }
    filled.push_back(std::move(word));
  }
  return filled;
}

Result<std::vector<std::string>> user_command(const std::vector<std::string>& words, const Placeholders& placeholders) {
  auto argv = fill_in(words, placeholders);
  if (!argv) return argv;
  auto program = find_program(argv->front());
  if (!program) return failure(std::move(program).error());
  argv->front() = *std::move(program);
  return argv;
}

Result<std::string> starting_folder() {
  std::error_code failed;
  const fs::path folder = fs::current_path(failed);
  if (failed) return system_failure("the folder in which fracas was started", failed.value());
  return folder.string();
}

}  // namespace fracas::controller
