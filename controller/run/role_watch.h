#pragma once
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/run/happenings.h"
#include "controller/run/role_history.h"

namespace fracas::controller {

struct RoleWatchOptions {
  std::vector<std::string> nodes;                  // that may lead
  std::filesystem::path events;                    // holds NODE/events.jsonl where nodes say what they do
  std::function<std::string()> ask_leader;         // who leads now; may take a while
  std::function<void(const Happening&)> happened;  // called from a thread of the watch
};

// Follows who leads and how far each node is, until it is destroyed: asks twenty times a second, and reads what the
// nodes write as they write it.
class RoleWatch {
 public:
  explicit RoleWatch(RoleWatchOptions options);

  // As last seen. Thread: any.
  Roles roles() const;

 private:
  void watch(const std::stop_token& stopping);
  void read_events();

  RoleWatchOptions options_;
  mutable std::mutex mutex_;
  RoleHistory history_;
  std::map<std::string, std::ifstream> files_;  // by node, at the first byte that was not read
  std::jthread asking_;
  std::jthread reading_;
};

}  // namespace fracas::controller
