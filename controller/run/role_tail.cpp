#include "controller/run/role_tail.h"

#include <fstream>
#include <iterator>

namespace fracas::controller {
namespace {

constexpr std::string_view kRole = R"("event":"role")";

}  // namespace

void RoleTail::read(const std::filesystem::path& path, File& file, std::vector<model::NodeEvent>& events) {
  std::ifstream in(path, std::ios::binary);
  if (!in.seekg(static_cast<std::streamoff>(file.read))) return;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  file.read += text.size();
  file.rest += text;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = file.rest.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line = std::string_view(file.rest).substr(begin, end - begin);
    if (line.find(kRole) == std::string_view::npos) continue;  // most lines are appends
    if (auto event = model::parse_node_event(line)) events.push_back(std::move(*event));
  }
  file.rest.erase(0, begin);
}

std::vector<model::NodeEvent> RoleTail::take() {
  std::vector<model::NodeEvent> events;
  std::error_code missing;
  for (const auto& node : std::filesystem::directory_iterator(directory_ / "nodes", missing))
    if (std::filesystem::exists(node.path() / "events.jsonl", missing))
      read(node.path() / "events.jsonl", files_[node.path().filename().string()], events);
  return events;
}

}  // namespace fracas::controller
