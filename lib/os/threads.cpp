#include "lib/os/threads.h"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string>

#include "lib/os/file.h"

namespace fracas::os {

Result<std::vector<pid_t>> threads_of(pid_t pid) {
  std::vector<pid_t> tids;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", failed)) {
    const std::string name = entry.path().filename();
    pid_t tid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), tid).ec == std::errc()) tids.push_back(tid);
  }
  if (failed) return failure("process " + std::to_string(pid) + " is gone", ESRCH);
  return tids;
}

bool has_ended(pid_t tid) {
  const auto text = read_file("/proc/" + std::to_string(tid) + "/stat");
  const std::size_t bracket = text ? text->rfind(')') : std::string::npos;
  if (bracket == std::string::npos || bracket + 2 >= text->size()) return true;
  const char state = (*text)[bracket + 2];
  return state == 'Z' || state == 'X';
}

int status_number(pid_t tid, std::string_view field) {
  const std::string wanted = "\n" + std::string(field) + ":\t";
  const auto text = read_file("/proc/" + std::to_string(tid) + "/status");
  const std::size_t at = text ? text->find(wanted) : std::string::npos;
  if (at == std::string::npos) return 0;
  int number = 0;
  std::from_chars(text->data() + at + wanted.size(), text->data() + text->size(), number);
  return number;
}

}  // namespace fracas::os
