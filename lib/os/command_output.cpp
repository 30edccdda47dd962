#include "lib/os/command_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/process.h"

namespace fracas::os {
namespace {

constexpr std::size_t kTextMax = std::size_t{4} << 20;
constexpr std::chrono::seconds kEndWithin{2};  // after its stdout was closed

// All that is written to `fd` until its other end is closed.
Result<std::string> read_to_end(const UniqueFd& fd, std::int64_t deadline_ns) {
  std::string text;
  while (text.size() <= kTextMax) {
    const std::int64_t left_ms = (deadline_ns - boot_now_ns()) / 1'000'000;
    pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
    if (left_ms <= 0 || ::poll(&waiting, 1, static_cast<int>(left_ms)) == 0)
      return failure("no end in time", ETIMEDOUT);
    std::array<char, 65536> chunk{};
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read");
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return failure(fmt::format("more than {} MiB", kTextMax >> 20));
}

LaunchOptions launch_of(const CommandOptions& options, int answers) {
  LaunchOptions launch;
  launch.argv = options.argv;
  if (launch.argv.front().find('/') == std::string::npos) launch.argv.insert(launch.argv.begin(), "/usr/bin/env");
  launch.working_directory = options.working_directory;
  launch.output = options.errors;
  launch.answers = answers;
  launch.die_with_parent = true;
  return launch;
}

}  // namespace

Result<std::string> output_of_command(const CommandOptions& options) {
  if (options.argv.empty()) return failure("no program", EINVAL);
  const std::string& program = options.argv.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  auto process = Process::launch(launch_of(options, write_end.get()));
  if (!process) return failure(std::move(process).error().context(program));
  write_end.reset();
  auto text = read_to_end(read_end, boot_now_ns() + std::chrono::nanoseconds(options.within).count());
  const auto ended = text ? process->wait_for(kEndWithin) : std::nullopt;
  if (!ended) {
    static_cast<void>(process->signal(SIGKILL));
    static_cast<void>(process->wait_for(kEndWithin));
  }
  if (!text) return failure(std::move(text).error().context(program));
  if (!ended) return failure(program + ": does not end", ETIMEDOUT);
  const int code = ended->signal != 0 ? 128 + ended->signal : ended->code;
  if (code != 0) return failure(fmt::format("{}: ended with exit code {}", program, code));
  return text;
}

}  // namespace fracas::os
