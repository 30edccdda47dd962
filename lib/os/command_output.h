#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace fracas::os {

struct CommandOptions {
  std::vector<std::string> argv;            // a first word without a slash is looked for in PATH
  std::filesystem::path working_directory;  // empty: ours
  std::filesystem::path errors;             // its stderr is appended to it; empty: ours
  std::chrono::seconds within{30};
};

// What a program prints on stdout until it ends with exit code 0; at most 4 MiB. It is killed where it does not end in
// time, and when the thread that called ends. ERRORS: "PROGRAM: ended with exit code 3", 128 + its number for a signal;
// ETIMEDOUT; as Process::launch.
Result<std::string> output_of_command(const CommandOptions& options);

}  // namespace fracas::os
