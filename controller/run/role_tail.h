#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lib/model/node_event.h"

namespace fracas::controller {

// The changes of roles in nodes/NAME/events.jsonl of a run under way, as they are appended. Thread: one at a time.
class RoleTail {
 public:
  explicit RoleTail(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // What was appended since the last call: events of type role, by node. What cannot be read is passed over.
  std::vector<model::NodeEvent> take();

 private:
  struct File {
    std::uintmax_t read = 0;  // bytes
    std::string rest;         // a line whose end is not written yet
  };
  void read(const std::filesystem::path& path, File& file, std::vector<model::NodeEvent>& events);

  std::filesystem::path directory_;
  std::map<std::string, File> files_;  // by node
};

}  // namespace fracas::controller
