#include "controller/cli/follow.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "checker/streaming/line_stream.h"
#include "controller/cli/history_record.h"
#include "lib/os/fd.h"

namespace fracas::controller {
namespace {

// What the words ask for. ERRORS: they ask for what a stream cannot do.
Result<checker::StreamOptions> stream_options(const CheckCommand& command) {
  checker::StreamOptions options;
  options.cas = command.model == "cas-register";
  if (!options.cas && command.model != "register") return failure("--follow takes --model register or cas-register");
  if (!command.level.empty() && command.level != "linearizable")
    return failure(fmt::format("--follow checks for linearizable, not {}", command.level));
  if (!command.format.empty() && command.format != "json-lines")
    return failure(fmt::format("--follow reads json-lines, not {}", command.format));
  if (!command.witness.empty() || command.keyed_values || command.completions_only)
    return failure("--follow forgets what it has judged: --witness, --keyed-values and --completions-only need all");
  if (command.fail == "mismatch") options.fail = checker::FailMeans::mismatch;
  options.configurations_max = std::min(options.configurations_max, command.configurations_max);
  for (const std::string& parameter : command.parameters) {
    if (!parameter.starts_with("initial=")) return failure(fmt::format("a register has no parameter {}", parameter));
    options.initial = parameter.substr(parameter.find('=') + 1);
  }
  return options;
}

Result<os::UniqueFd> open_source(const std::string& name) {
  os::UniqueFd file(name == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_failure(name);
  return file;
}

// Until the end or a violation. What a pipe holds at once is judged at once.
Result<void> pump(const os::UniqueFd& file, const std::string& name, checker::LineStream& lines,
                  checker::Stream& stream) {
  std::array<char, std::size_t{64} << 10U> bytes{};
  while (!stream.violation()) {
    const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(name);
    if (count == 0) return lines.finish();
    if (auto added = lines.add({bytes.data(), static_cast<std::size_t>(count)}); !added) return added;
    if (static_cast<std::size_t>(count) < bytes.size()) stream.catch_up();
  }
  return {};
}

checker::CheckResult result_of(const checker::Stream& stream, const CheckCommand& command) {
  checker::CheckResult result;
  if (stream.violation()) result = *stream.violation();
  result.kind = "linearizable";
  result.verdict = stream.verdict();
  if (result.verdict == checker::Verdict::pass)
    result.summary = fmt::format("{} operations of {} keys are linearizable as {}", stream.operations(), stream.keys(),
                                 command.model);
  if (result.verdict == checker::Verdict::undecided)
    result.summary = fmt::format("undecided: {} of {} keys were too hard to follow, and the others are linearizable",
                                 stream.keys_given_up(), stream.keys());
  result.numbers = {{"operations", static_cast<double>(stream.operations())},
                    {"keys", static_cast<double>(stream.keys())},
                    {"keys_undecided", static_cast<double>(stream.keys_given_up())},
                    {"configurations", static_cast<double>(stream.explored())}};
  result.details.push_back(fmt::format("followed {} operations; {:.1f} MiB are held at the end", stream.operations(),
                                       static_cast<double>(stream.bytes()) / (1 << 20)));
  return result;
}

}  // namespace

Result<RunRecord> follow_history(const CheckCommand& command) {
  auto options = stream_options(command);
  if (!options) return failure(std::move(options).error());
  const auto file = open_source(command.history);
  if (!file) return failure(file.error());
  checker::Stream stream(*options);
  const std::string name = command.history == "-" ? "standard input" : command.history;
  checker::LineStream lines(stream, name);
  if (auto pumped = pump(*file, name, lines, stream); !pumped) return failure(std::move(pumped).error());
  return record_of_history(command.history, result_of(stream, command), lines.answered() > 0);
}

}  // namespace fracas::controller
