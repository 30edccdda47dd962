#include "lib/model/toml_layers.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace fracas::model {
namespace {

// More than any experiment needs; a wrong path may well lead to a disk image.
constexpr std::size_t kFileSizeMax = std::size_t{1} << 20U;

enum class Lists { replace, add_up };

bool is_list_of_tables(const TomlNode& node) {
  const auto* list = std::get_if<TomlArray>(&node.value);
  return list != nullptr && !list->empty() &&
         std::ranges::all_of(*list, [](const TomlNode& each) { return std::holds_alternative<TomlTable>(each.value); });
}

// Puts under `above` what it leaves open.
void lay_under(TomlTable& above, TomlTable below, Lists lists) {
  for (TomlEntry& entry : below.entries) {
    TomlEntry* own = above.find(entry.key);
    if (own == nullptr) {
      above.entries.push_back(std::move(entry));
      continue;
    }
    auto* own_table = std::get_if<TomlTable>(&own->node.value);
    auto* table = std::get_if<TomlTable>(&entry.node.value);
    if (own_table != nullptr && table != nullptr && !own_table->inline_) {
      lay_under(*own_table, std::move(*table), Lists::replace);
    } else if (lists == Lists::add_up && is_list_of_tables(own->node) && is_list_of_tables(entry.node)) {
      auto& own_list = std::get<TomlArray>(own->node.value);
      auto& list = std::get<TomlArray>(entry.node.value);
      own_list.insert(own_list.begin(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
    }
  }
}

class Layers {
 public:
  Status merge(TomlNode& root, const std::string& file) {
    if (std::ranges::find(files_, file) != files_.end()) return failure(file + " leads back to itself");
    if (files_.size() == static_cast<std::size_t>(kLayersMax))
      return failure(fmt::format("{} files behind one another are the most", kLayersMax));
    files_.push_back(file);
    auto& table = std::get<TomlTable>(root.value);
    auto included = take(table, "include");
    auto extended = take(table, "extends");
    if (!included) return failure(std::move(included).error());
    if (!extended) return failure(std::move(extended).error());
    std::reverse(included->begin(), included->end());
    for (const Named& each : *included)
      if (auto merged = merge_file(table, file, each, Lists::add_up); !merged) return merged;
    for (const Named& each : *extended)
      if (auto merged = merge_file(table, file, each, Lists::replace); !merged) return merged;
    files_.pop_back();
    return {};
  }

 private:
  struct Named {
    std::string path;
    Place place;
  };

  // The files that a key names; it is gone afterwards.
  static Result<std::vector<Named>> take(TomlTable& table, std::string_view key) {
    std::vector<Named> named;
    const TomlEntry* entry = table.find(key);
    if (entry == nullptr) return named;
    const auto* list = std::get_if<TomlArray>(&entry->node.value);
    if (list == nullptr || key == "extends") {
      if (auto added = add(entry->node, key, named); !added) return failure(std::move(added).error());
    } else {
      for (const TomlNode& node : *list)
        if (auto added = add(node, key, named); !added) return failure(std::move(added).error());
    }
    std::erase_if(table.entries, [key](const TomlEntry& each) { return each.key == key; });
    return named;
  }

  static Status add(const TomlNode& node, std::string_view key, std::vector<Named>& named) {
    const auto* path = std::get_if<std::string>(&node.value);
    if (path == nullptr || path->empty())
      return failure(fmt::format("{}: {} names {}, not {}", node.place.text(), key,
                                 key == "extends" ? "a file" : "a list of files", type_name(node)));
    named.push_back({*path, node.place});
    return {};
  }

  Status merge_file(TomlTable& table, const std::string& from, const Named& named, Lists lists) {
    const auto at = [&named](const Error& error) {
      return failure(fmt::format("{}: {}", named.place.text(), error.message));
    };
    const std::string path = (std::filesystem::path(from).parent_path() / named.path).lexically_normal().string();
    auto text = read_document(path);
    if (!text) return at(text.error());
    auto root = parse_toml(*text, path);
    if (!root) return failure(std::move(root).error());
    if (auto merged = merge(*root, path); !merged)
      return merged.error().message.find(':') == std::string::npos ? at(merged.error()) : merged;
    lay_under(table, std::get<TomlTable>(std::move(root->value)), lists);
    return {};
  }

  std::vector<std::string> files_;  // from the outermost to the one that is read
};

}  // namespace

Result<std::string> read_document(const std::string& path) {
  const auto refuse = [&](int code) { return failure(path + ": " + std::generic_category().message(code), code); };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return refuse(errno);
  if (S_ISDIR(status.st_mode)) return refuse(EISDIR);
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(errno);
  std::string text(kFileSizeMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse(EIO);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileSizeMax) return failure(path + ": larger than 1MiB; this is no experiment");
  return text;
}

Status merge_layers(TomlNode& root, const std::string& file) {
  return Layers().merge(root, std::filesystem::path(file).lexically_normal().string());
}

}  // namespace fracas::model
