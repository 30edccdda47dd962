#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/model/api_docs.h"
#include "lib/model/catalogue.h"
#include "lib/model/experiment.h"
#include "lib/model/gameday.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

// Transcripts: what a user sees for a file, kept beside it. FRACAS_UPDATE_GOLDEN=1 writes them anew instead of
// comparing.
namespace {

namespace fs = std::filesystem;
using fracas::model::read_experiment_text;
using fracas::model::ReadOptions;

const fs::path kRoot = fracas::tests::source_dir();

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool updating() {
  return std::getenv("FRACAS_UPDATE_GOLDEN") != nullptr;
}

// Compares a text with a file of the repository, or writes the file.
void check_golden(const fs::path& path, const std::string& text) {
  if (updating()) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  INFO("to write " << path.string() << " anew, run this test with FRACAS_UPDATE_GOLDEN=1");
  CHECK(read_file(path) == text);
}

std::vector<fs::path> toml_files(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kRoot / folder))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Overrides stand in a file NAME.set beside NAME.toml, one a line.
ReadOptions options_of(const fs::path& path) {
  ReadOptions options;
  options.bugs_known = {{"raft", {"stale-read", "vote-not-persisted", "duplicate-apply"}}};
  options.variable = [](const std::string&) { return std::nullopt; };
  std::ifstream set(fs::path(path).replace_extension(".set"));
  for (std::string line; std::getline(set, line);) options.overrides.push_back(line);
  return options;
}

}  // namespace

TEST_CASE("golden: each bad experiment gets exactly its lines", "[unit][golden]") {
  const auto files = toml_files("tests/golden/bad-toml");
  CHECK(files.size() >= 25);
  for (const fs::path& path : files) {
    CAPTURE(path.filename().string());
    const auto read = read_experiment_text(read_file(path), fs::relative(path, kRoot).string(), options_of(path));
    CHECK_FALSE(read.has_value());
    if (!read) check_golden(fs::path(path).replace_extension(".expected"), read.error().message + "\n");
  }
}

TEST_CASE("golden: each good experiment resolves to exactly its canonical form", "[unit][golden]") {
  const auto files = toml_files("tests/golden/good-toml");
  CHECK(files.size() >= 4);
  for (const fs::path& path : files) {
    CAPTURE(path.filename().string());
    const auto read = read_experiment_text(read_file(path), fs::relative(path, kRoot).string(), options_of(path));
    if (!read) FAIL_CHECK(read.error().message);
    if (read) check_golden(fs::path(path).replace_extension(".expected"), to_toml(read->experiment()));
  }
}

TEST_CASE("golden: docs/reference says what the model says", "[unit][golden]") {
  using fracas::model::ReferencePage;
  check_golden(kRoot / "docs/reference/experiment.md", reference_markdown(ReferencePage::experiment));
  check_golden(kRoot / "docs/reference/faults.md", reference_markdown(ReferencePage::faults));
  check_golden(kRoot / "docs/reference/gameday.md", fracas::model::gameday_reference_markdown());
  check_golden(kRoot / "docs/reference/api.md", fracas::model::api_markdown());
}
