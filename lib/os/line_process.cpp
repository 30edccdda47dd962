#include "lib/os/line_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace fracas::os {
namespace {

using namespace std::chrono_literals;

constexpr int kEndWaitMs = 100;  // between the end of its stdout and its own

struct Pipe {
  UniqueFd read, write;

  static Result<Pipe> make() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
};

}  // namespace

Result<LineProcess> LineProcess::start(const LineProcessOptions& options) {
  auto to = Pipe::make();
  if (!to) return failure(std::move(to).error());
  auto from = Pipe::make();
  if (!from) return failure(std::move(from).error());
  LaunchOptions launch;
  launch.argv = options.argv;
  launch.output = options.errors;
  launch.die_with_parent = true;
  launch.input = to->read.get();
  launch.answers = from->write.get();
  auto process = Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  auto stream = LineStream::over(std::move(from->read), std::move(to->write));
  if (!stream) return failure(std::move(stream).error());
  return LineProcess(std::move(*process), std::move(*stream));
}

LineProcess::~LineProcess() {
  stream_.close();
  if (process_.pidfd() >= 0 && !how_) static_cast<void>(end());
}

// It leads its process group, whose number is taken until it is reaped: nobody else's is killed.
std::optional<ExitStatus> LineProcess::end() {
  ::kill(-process_.pid(), SIGKILL);
  how_ = process_.wait_for(1s);
  return how_;
}

Status LineProcess::send(std::string_view line, std::int64_t deadline_ns) {
  auto sent = stream_.send(line, deadline_ns);
  return sent ? sent : failure(explain(std::move(sent).error()));
}

Result<std::string> LineProcess::receive(std::int64_t deadline_ns) {
  auto received = stream_.receive(deadline_ns);
  return received ? received : failure(explain(std::move(received).error()));
}

Error LineProcess::explain(Error error) {
  if (error.code != EPIPE) return error;
  pollfd waiting{.fd = process_.pidfd(), .events = POLLIN, .revents = 0};
  if (!how_ && ::poll(&waiting, 1, kEndWaitMs) > 0) static_cast<void>(end());
  if (!how_)
    error.message = "it closed its stdin or stdout";
  else if (how_->signal != 0)
    error.message = "it was killed by signal " + std::to_string(how_->signal);
  else
    error.message = "it ended with exit code " + std::to_string(how_->code);
  return error;
}

}  // namespace fracas::os
