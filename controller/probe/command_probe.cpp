#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "controller/probe/probe_kinds.h"
#include "controller/target/user_command.h"
#include "lib/model/probe.pb.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  os::UniqueFd read;
  os::UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
  return Pipe{os::UniqueFd(ends[0]), os::UniqueFd(ends[1])};
}

// What the program prints until it closes its output. False: not by the deadline, or too much.
bool collect(int fd, std::string& output, const ProbeRoom& room, std::int64_t deadline_ns) {
  std::array<char, 4096> buffer{};
  while (!room.stopping.stop_requested() && output.size() < kAnswerMax) {
    const std::int64_t rest_ms = (deadline_ns - os::boot_now_ns()) / 1'000'000;
    if (rest_ms <= 0) return false;
    pollfd look{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&look, 1, static_cast<int>(std::min<std::int64_t>(rest_ms, 50))) <= 0) continue;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) return true;
    if (got > 0) output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return false;
}

// It leads a session of its own, so what it started ends with it.
void end(os::Process& process) {
  ::kill(-process.pid(), SIGKILL);
  process.wait_for(milliseconds(1000));
}

}  // namespace

Judged ask_command(const model::CommandProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns) {
  os::LaunchOptions options;
  for (const std::string& word : probe.command()) options.argv.push_back(with_addresses(word, room.addresses, false));
  auto program = find_program(options.argv.front());
  if (!program) return {.says = program.error().message};
  options.argv.front() = *std::move(program);
  auto pipe = make_pipe();
  if (!pipe) return {.says = pipe.error().message};
  options.answers = pipe->write.get();
  options.output = "/dev/null";
  options.die_with_parent = true;
  auto process = os::Process::launch(options);
  if (!process) return {.says = process.error().message};
  pipe->write.reset();
  std::string output;
  const bool whole = collect(pipe->read.get(), output, room, deadline_ns);
  const std::int64_t rest_ms = std::max<std::int64_t>(0, (deadline_ns - os::boot_now_ns()) / 1'000'000);
  const auto ended = whole ? process->wait_for(milliseconds(rest_ms)) : std::nullopt;
  if (!ended) {
    end(*process);
    return {.says = room.stopping.stop_requested() ? "stopped" : "it did not end in time"};
  }
  if (ended->signal != 0) return {.says = fmt::format("killed by signal {}", ended->signal)};
  if (ended->code != static_cast<int>(probe.exit_code()))
    return {.says = fmt::format("exit code {}, not {}", ended->code, probe.exit_code())};
  if (!asks(probe.tolerance())) return {.passed = true, .says = fmt::format("exit code {}", ended->code)};
  return judge(probe.tolerance(), output);
}

}  // namespace fracas::controller
