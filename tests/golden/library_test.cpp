#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

// The library of experiments: each says what it is for, and one page lists them all.
namespace {

namespace fs = std::filesystem;
using namespace fracas::model;

const fs::path kRoot = fracas::tests::source_dir();

constexpr std::string_view kIntroduction = R"(# The library of experiments

<!-- Generated from experiments/. Run the test binary `golden` with FRACAS_UPDATE_GOLDEN=1 to write it anew. -->

`fracas run experiments/GROUP/NAME.toml` plays one of them, `--world sim` in a simulated world where target and faults can be simulated. A test holds that each
reads well, says what it is for, what it expects and which seed it is played with. An experiment that expects `violated` has a bug in it, or
a system that promises less than is asked: there the violation must be found.
)";

const std::map<std::string, std::string> kGroups{
    {"canary", "Planted bugs of the bundled stores: each must be found"},
    {"consistency", "Weaker levels than linearizability"},
    {"faults", "One for every fault, against the Raft store"},
    {"nemesis", "Many faults at once, that know nothing of the target's bugs"},
    {"quorum", "The Dynamo-style store"},
    {"raft", "The Raft store"},
    {"real", "Real systems, and programs of one's own"},
    {"steady", "Probes, guards and the control arm"},
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> library() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "experiments"))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// The names that targets/NAME/bugs.toml lists.
std::vector<std::string> bugs_of(const std::string& target) {
  const std::string text = read_file(kRoot / "targets" / target / "bugs.toml");
  const std::regex name("(?:^|\n)name *= *\"([^\"]+)\"");
  std::vector<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), name), end; found != end; ++found)
    names.push_back((*found)[1]);
  return names;
}

ReadOptions library_options() {
  ReadOptions options;
  options.bugs_known = {{"raft", bugs_of("raft")}, {"quorum", bugs_of("quorum")}};
  return options;
}

// Bars would end a table's cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

template <typename Parts>
std::string kinds_of(const Parts& parts, const char* none) {
  std::set<std::string> kinds;
  for (const auto& part : parts) kinds.insert("`" + kind_of(part) + "`");
  return kinds.empty() ? none : fmt::format("{}", fmt::join(kinds, ", "));
}

std::string row(const fs::path& path, const std::vector<ExperimentFile>& files) {
  const Experiment& experiment = files.front().experiment();
  const std::string link = fs::relative(path, kRoot).string();
  std::string what = experiment.doc();
  if (files.size() > 1) what += fmt::format(" ({} variants)", files.size());
  return fmt::format("| [{}](../{}) | {} | `{}`, `{}` | {} | {} | {} |\n", path.stem().string(), link, cell(what),
                     kind_of(experiment.target()), kind_of(experiment.workload()), kinds_of(experiment.fault(), "none"),
                     kinds_of(experiment.check(), "none"),
                     experiment.expect() == EXPECTATION_VIOLATED ? "violated" : "pass");
}

std::string page() {
  std::string text(kIntroduction);
  std::string group;
  for (const fs::path& path : library()) {
    const auto files = read_experiments(path.string(), library_options());
    if (!files) continue;  // another test says why
    const std::string here = fs::relative(path, kRoot / "experiments").begin()->string();
    if (here != group) {
      const auto known = kGroups.find(here);
      text += fmt::format("\n## {}\n\n{}.\n\n", here, known == kGroups.end() ? here : known->second);
      text +=
          "| experiment | what it shows | target, workload | faults | checks | expects |\n|---|---|---|---|---|---|\n";
      group = here;
    }
    text += row(path, *files);
  }
  return text;
}

}  // namespace

TEST_CASE("library: every experiment reads, and says its name, doc, expectation and seed", "[unit][golden]") {
  const auto files = library();
  CHECK(files.size() >= 40);
  std::map<std::string, std::string> names;
  for (const fs::path& path : files) {
    const std::string shown = fs::relative(path, kRoot).string();
    const std::string text = read_file(path);
    for (const char* key : {"name", "doc", "expect", "seed"})
      if (!std::regex_search(text, std::regex(fmt::format("(^|\n){} *= *[^ \n]", key))))
        FAIL_CHECK(shown << " does not say its " << key);
    const auto read = read_experiments(path.string(), library_options());
    if (!read) FAIL_CHECK(read.error().message);
    if (!read) continue;
    const Experiment& experiment = read->front().experiment();
    // What knows nothing of its target goes elsewhere each time.
    const bool wanders = shown.starts_with("experiments/nemesis/");
    if (experiment.seed().random() && !wanders)
      FAIL_CHECK(shown << " has no seed of its own: what it shows may not be there");
    if (const auto [other, fresh] = names.emplace(experiment.name(), shown); !fresh)
      FAIL_CHECK(shown << " is called as " << other->second << " is: " << experiment.name());
  }
}

TEST_CASE("library: every group has a heading, and docs/experiments.md lists them all", "[unit][golden]") {
  for (const auto& entry : fs::directory_iterator(kRoot / "experiments"))
    CHECK(kGroups.contains(entry.path().filename().string()));
  const fs::path path = kRoot / "docs/experiments.md";
  if (std::getenv("FRACAS_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << page();
    return;
  }
  INFO("to write " << path.string() << " anew, run this test with FRACAS_UPDATE_GOLDEN=1");
  CHECK(read_file(path) == page());
}
