#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace fracas::model {
class Experiment;
}

namespace fracas::controller {

// "lab", "sim" or "fleet".
std::string world_word(const model::Experiment& experiment);

struct LibraryExperiment {
  std::string file;  // below the library's folder
  std::string name;
  std::string doc;
  std::string target;
  std::string world;
  std::string expect;
  std::string group;
};

// The experiments of a folder, read again when their files change. A file that stands for several is listed once, under
// the first one's name; one with mistakes is not listed. Thread: any.
class Library {
 public:
  static constexpr std::size_t kFilesMax = 2000;

  explicit Library(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::vector<LibraryExperiment> list();

 private:
  struct Known {
    std::filesystem::file_time_type changed;
    LibraryExperiment experiment;  // its name is empty: it has mistakes
  };
  std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // by file
};

}  // namespace fracas::controller
