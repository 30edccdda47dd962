// The shape of the tree: who may include whom (the table in docs/architecture.md), no include cycles, no long files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

namespace {

namespace fs = std::filesystem;

struct Layer {
  std::string folder;                // longest match wins
  std::vector<std::string> may_use;  // folders, besides itself
};

// docs/architecture.md holds the same table for people.
const std::vector<Layer> kLayers{
    {"lib/base", {}},
    {"lib/model", {"lib/base"}},
    {"lib/os", {"lib/base"}},
    {"lib/sim", {"lib/base"}},
    {"lib/pki", {"lib/base", "lib/os"}},
    {"lib/metrics", {}},
    {"checker", {"lib/base", "lib/model"}},
    {"targets/node/data", {"lib/base"}},
    {"targets/node", {"lib/base", "lib/model", "lib/os", "lib/sim"}},
    {"targets/raft/core", {"lib/base", "targets/node/data"}},
    {"targets/raft", {"lib/base", "lib/model", "lib/os", "lib/sim", "targets/node"}},
    {"targets/quorum/core", {"lib/base", "targets/node/data"}},
    {"targets/quorum", {"lib/base", "lib/model", "lib/os", "lib/sim", "targets/node"}},
    {"targets/maelstrom", {"lib/base", "lib/os"}},
    {"agent", {"lib/base", "lib/metrics", "lib/model", "lib/os", "lib/pki"}},
    {"controller", {"lib/base", "lib/metrics", "lib/model", "lib/os", "lib/pki", "lib/sim", "checker", "targets"}},
    {"tests", {"lib", "checker", "targets", "agent", "controller"}},
};

constexpr int kLinesMax = 600;

bool inside(const std::string& path, const std::string& folder) {
  return path.rfind(folder + "/", 0) == 0;
}

const Layer* layer_of(const std::string& path) {
  const Layer* best = nullptr;
  for (const Layer& layer : kLayers)
    if (inside(path, layer.folder) && (!best || layer.folder.size() > best->folder.size())) best = &layer;
  return best;
}

struct Source {
  int lines = 0;
  std::vector<std::string> includes;  // of ours, as written
  std::vector<std::string> tests;     // the lines that begin a test case
};

Source read_source(const fs::path& path) {
  Source source;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line); ++source.lines) {
    if (line.rfind("TEST_CASE(", 0) == 0) source.tests.push_back(line);
    constexpr std::string_view kPrefix = "#include \"";
    if (line.rfind(kPrefix, 0) != 0) continue;
    source.includes.push_back(line.substr(kPrefix.size(), line.find('"', kPrefix.size()) - kPrefix.size()));
  }
  return source;
}

std::map<std::string, Source> read_tree() {
  const fs::path root = fracas::tests::source_dir();
  const std::set<std::string> suffixes{".h", ".cpp", ".c", ".proto", ".js", ".css", ".mjs", ".ts", ".tsx"};
  std::map<std::string, Source> tree;
  for (const char* top : {"lib", "checker", "targets", "agent", "controller", "tests", "web"}) {
    if (!fs::exists(root / top)) continue;
    for (auto entry = fs::recursive_directory_iterator(root / top); entry != fs::end(entry); ++entry) {
      if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
      if (suffixes.count(entry->path().extension().string()) == 0) continue;
      tree[fs::relative(entry->path(), root).string()] = read_source(entry->path());
    }
  }
  return tree;
}

}  // namespace

TEST_CASE("tree: every file stays under the length limit", "[unit][tidy]") {
  for (const auto& [path, source] : read_tree()) {
    INFO(path << " has " << source.lines << " lines");
    CHECK(source.lines <= kLinesMax);
  }
}

// CMake splits lists at semicolons: ctest would run half a name, find no such test, and call that a success.
TEST_CASE("tree: no test's name has a semicolon", "[unit][tidy]") {
  std::size_t names = 0;
  for (const auto& [path, source] : read_tree())
    for (const std::string& name : source.tests) {
      INFO(path << ": " << name);
      CHECK(name.find(';') == std::string::npos);
      ++names;
    }
  CHECK(names > 500);
}

TEST_CASE("tree: includes point down the table of layers", "[unit][tidy]") {
  const auto tree = read_tree();
  REQUIRE(tree.size() > 50);
  for (const auto& [path, source] : tree) {
    if (inside(path, "web")) continue;
    const Layer* from = layer_of(path);
    INFO(path);
    REQUIRE(from != nullptr);
    for (const std::string& include : source.includes) {
      const Layer* to = layer_of(include);
      if (!to || to == from) continue;  // an outside header, or its own folder
      const bool allowed = std::any_of(from->may_use.begin(), from->may_use.end(), [&](const std::string& folder) {
        return to->folder == folder || inside(to->folder, folder) || inside(include, folder);
      });
      INFO("includes " << include);
      CHECK((allowed || inside(to->folder, from->folder)));
    }
  }
}

TEST_CASE("tree: includes have no cycle", "[unit][tidy]") {
  const auto tree = read_tree();
  std::map<std::string, int> state;  // 0 new, 1 on the path, 2 done
  std::vector<std::string> path;
  const std::function<void(const std::string&)> visit = [&](const std::string& file) {
    state[file] = 1;
    path.push_back(file);
    for (const std::string& include : tree.at(file).includes) {
      if (tree.count(include) == 0 || state[include] == 2) continue;
      INFO(file << " and " << include << " include each other, perhaps through others");
      REQUIRE(state[include] == 0);
      visit(include);
    }
    path.pop_back();
    state[file] = 2;
  };
  for (const auto& [file, source] : tree)
    if (state[file] == 0) visit(file);
}
