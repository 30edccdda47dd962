#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/line_stream.h"
#include "lib/os/process.h"

namespace fracas::os {

struct LineProcessOptions {
  std::vector<std::string> argv;  // argv[0] is the path of the program
  std::filesystem::path errors;   // its stderr is appended to it; empty: ours
};

// A child process that is spoken to in lines, over its stdin and stdout; it ends with the thread that started it.
// Destroying it closes both and kills whatever runs in its process group. Thread: as LineStream.
class LineProcess {
 public:
  // ERRORS: as Process::launch.
  static Result<LineProcess> start(const LineProcessOptions& options);
  LineProcess(LineProcess&&) noexcept = default;
  LineProcess& operator=(LineProcess&&) noexcept = delete;
  ~LineProcess();

  // As LineStream, but where it ended, EPIPE says how: "it ended with exit code 3".
  Status send(std::string_view line, std::int64_t deadline_ns);
  Result<std::string> receive(std::int64_t deadline_ns);

 private:
  LineProcess(Process process, LineStream stream) : process_(std::move(process)), stream_(std::move(stream)) {}
  Error explain(Error error);
  std::optional<ExitStatus> end();

  Process process_;  // has no pidfd once moved from
  LineStream stream_;
  std::optional<ExitStatus> how_;  // it ended, and was reaped
};

}  // namespace fracas::os
