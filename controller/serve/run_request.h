#pragma once
#include "controller/serve/run_control.h"

namespace fracas::controller {

// A start that was checked: what the store shall say of it, and the words for its process.
struct CheckedStart {
  StoredRun run;                   // without id
  std::vector<std::string> words;  // of `fracas run`, without the file and where its results go
  std::string file;                // absolute path of a file of the library; empty: `text` goes into one
};

// Reads the experiment as `fracas run` will, so that a mistake is known before anything starts.
// ERRORS: code EINVAL, one line a mistake; ENOENT no such file in the library.
Result<CheckedStart> check_start(const StartOptions& options, const RunFolders& folders);

}  // namespace fracas::controller
