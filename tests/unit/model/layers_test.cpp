#include <unistd.h>

#include <fmt/format.h>
#include <filesystem>
#include <fstream>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

namespace fracas::model {
namespace {

// Files in a folder of their own, gone with it.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("fracas-layers-{}", ::getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  // Errors without the folder's name.
  std::string plain(std::string text) const {
    const std::string prefix = path_.string() + "/";
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }

 private:
  std::filesystem::path path_;
};

const std::string kBase =
    "name = \"base\"\nduration_max = \"1m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\nrate = "
    "\"100/s\"\n"
    "[vars]\nlong = \"9s\"\n[[fault]]\nkind = \"process.kill\"\non = \"${victim}\"\nfor = \"1s\"\n";

ReadOptions plain_options() {
  ReadOptions options;
  options.bugs_known = {{"raft", {"stale-read"}}};
  options.variable = [](const std::string&) { return std::nullopt; };
  return options;
}

std::string error_of(const Folder& folder, const std::string& path) {
  const auto read = read_experiment(path, plain_options());
  return read ? "" : folder.plain(read.error().message);
}

}  // namespace

TEST_CASE("layers: what a file does not say stands in the one it extends", "[unit][model]") {
  const Folder folder;
  folder.write("parts/base.toml", kBase);
  const auto path = folder.write("mine.toml",
                                 "extends = \"parts/base.toml\"\nname = \"mine\"\n[workload]\nclients = 3\n[vars]\n"
                                 "victim = \"n2\"\n[[check]]\nkind = \"raft\"\n");
  const auto file = read_experiment(path, plain_options());
  REQUIRE(file);
  const Experiment& experiment = file->experiment();
  CHECK(experiment.name() == "mine");
  CHECK(experiment.workload().clients() == 3);
  CHECK(experiment.workload().rate() == 100);
  REQUIRE(experiment.fault_size() == 1);
  CHECK(experiment.fault(0).on() == "n2");
  CHECK(folder.plain(file->where(0, "on")) == "parts/base.toml:12:6");
}

TEST_CASE("layers: lists replace those of an extended file, and follow those of included ones", "[unit][model]") {
  const Folder folder;
  const std::string kill = "[[fault]]\nkind = \"process.kill\"\non = \"n1\"\nname = \"{}\"\nfor = \"1s\"\n";
  folder.write("base.toml", kBase);
  folder.write("a.toml", fmt::format(fmt::runtime(kill), "a"));
  folder.write("b.toml", fmt::format(fmt::runtime(kill), "b"));
  const auto names = [&](const std::string& text) {
    const auto file = read_experiment(folder.write("mine.toml", text), plain_options());
    std::string all;
    for (int i = 0; file && i < file->experiment().fault_size(); ++i) all += file->experiment().fault(i).name() + " ";
    return file ? all : folder.plain(file.error().message);
  };
  CHECK(names("extends = \"base.toml\"\n" + fmt::format(fmt::runtime(kill), "own")) == "own ");
  CHECK(names("extends = \"base.toml\"\ninclude = [\"a.toml\", \"b.toml\"]\n" +
              fmt::format(fmt::runtime(kill), "own")) == "a b own ");
}

TEST_CASE("layers: what is wrong with them is said where it stands", "[unit][model]") {
  const Folder folder;
  folder.write("loop.toml", "extends = \"mine.toml\"\n");
  folder.write("broken.toml", "name = \n");
  const auto wrong = [&](const std::string& text) { return error_of(folder, folder.write("mine.toml", text)); };
  CHECK(wrong("extends = 7\n") == "mine.toml:1:11: extends names a file, not a number");
  CHECK(wrong("include = [true]\n") == "mine.toml:1:12: include names a list of files, not true or false");
  CHECK(wrong("\nextends = \"none.toml\"\n") == "mine.toml:2:11: none.toml: No such file or directory");
  CHECK(wrong("extends = \"broken.toml\"\n").starts_with("broken.toml:1:"));
  CHECK(wrong("extends = \"loop.toml\"\n") == "loop.toml:1:11: mine.toml leads back to itself");
}

TEST_CASE("matrix: one file stands for every combination of its values", "[unit][model]") {
  const Folder folder;
  const auto path = folder.write("mine.toml", kBase +
                                                  "[matrix]\n\"world.nodes\" = [3, 5]\n\"vars.victim\" = [\"one\", "
                                                  "\"leader\"]\n\"target.options.bugs\" = [[], [\"stale-read\"]]\n");
  const auto files = read_experiments(path, plain_options());
  REQUIRE(files);
  REQUIRE(files->size() == 8);
  CHECK(files->front().experiment().name() == "base-nodes-3-victim-one-bugs-none");
  CHECK(files->back().experiment().name() == "base-nodes-5-victim-leader-bugs-stale-read");
  CHECK(files->back().experiment().world().nodes() == 5);
  CHECK(files->back().experiment().fault(0).on() == "leader");
  CHECK(files->back().experiment().target().raft().bugs_size() == 1);
  CHECK(error_of(folder, path) ==
        "mine.toml: its matrix stands for 8 experiments; choose one, as with --set matrix.PATH=[VALUE]");
  ReadOptions chosen = plain_options();
  chosen.overrides = {"matrix.world.nodes=[4]", "matrix.vars.victim=[\"all\"]", "matrix.target.options.bugs=[[]]"};
  const auto one = read_experiment(path, chosen);
  REQUIRE(one);
  CHECK(one->experiment().world().nodes() == 4);
}

TEST_CASE("matrix: what is wrong with it is said where it stands", "[unit][model]") {
  const Folder folder;
  const std::string base = kBase.substr(0, kBase.find("[vars]"));
  const auto wrong = [&](const std::string& text) {
    const auto files = read_experiments(folder.write("mine.toml", base + text), plain_options());
    return files ? "" : folder.plain(files.error().message);
  };
  CHECK(wrong("[matrix]\n\"world.nodes\" = 3\n") ==
        "mine.toml:9:17: matrix.world.nodes must be a list of values, not a number");
  CHECK(wrong("[matrix]\n\"world.nodes\" = []\n").ends_with("not an empty one"));
  CHECK(wrong("[matrix]\n\"world.node\" = [3]\n") == "mine.toml:9:17: unknown key \"node\"; did you mean \"nodes\"?");
  CHECK(wrong("[matrix]\n\"name.x\" = [3]\n") == "mine.toml:9:13: name is a text, it has no key \"x\"");
}

}  // namespace fracas::model
