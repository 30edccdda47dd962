#pragma once
#include <filesystem>
#include <string>

#include "lib/base/result.h"
#include "targets/node/wire/socket.h"
#include "targets/raft/core/output.h"

namespace fracas::raft {

using node::UniqueFd;

// Writes what the node says of itself as JSON lines (lib/model/node_event.h), stamped with CLOCK_BOOTTIME.
class EventFile {
 public:
  // Appends to an existing file. ERRORS: open(2)'s.
  static Result<EventFile> open(const std::filesystem::path& path, std::string node);

  void add(const Event& event);
  // Hands everything added to the kernel, so that the death of the process cannot lose it; no fsync.
  // ERRORS: write(2)'s.
  Status flush();

 private:
  EventFile(UniqueFd file, std::string node) : file_(std::move(file)), node_(std::move(node)) {}

  UniqueFd file_;
  std::string node_;
  std::string pending_;
};

}  // namespace fracas::raft
