#include "controller/serve/active_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <nlohmann/json.hpp>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/wall_time.h"
#include "controller/world/log_tail.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr auto kHealMax = std::chrono::minutes(2);
constexpr std::size_t kLineMax = std::size_t{1} << 20;
constexpr std::size_t kTailLines = 4;
// How long is listened to what a process that has ended left in its pipe.
constexpr int kDrainMs = 200;

bool readable(int fd, int timeout_ms) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace

ActiveRun::ActiveRun(RunControl& control, CheckedStart start, std::shared_ptr<EventLog> log_of_it,
                     std::uint64_t number_of_it)
    : row(start.run), number(number_of_it), log(std::move(log_of_it)), control_(control), start_(std::move(start)) {}

ActiveRun::~ActiveRun() = default;

void ActiveRun::begin() {
  thread_ = std::jthread([this] { play(); });
}

void ActiveRun::ask_to_end(const std::string& who) {
  if (!stopped_by.empty()) return;  // a second SIGINT would cost the report
  stopped_by = who;
  if (row.state == RunState::running) row.state = RunState::stopping;
  // A simulation touches nothing and does not listen.
  if (process_) static_cast<void>(process_->signal(row.world == "sim" ? SIGKILL : SIGINT));
}

void ActiveRun::kill() {
  if (process_) static_cast<void>(process_->signal(SIGKILL));
}

bool ActiveRun::faults_over() const {
  return done || tally.faults_over() || (!stopped_by.empty() && row.world == "lab" && process_ && !tally.begun());
}

void ActiveRun::play() {
  std::string problem;
  if (wait_for_turn(problem)) {
    auto launched = launch();
    if (launched) return listen();
    problem = launched.error().message;
  }
  conclude(std::nullopt, problem);
}

// False if it will never begin, and why.
bool ActiveRun::wait_for_turn(std::string& why_not) {
  std::unique_lock lock(control_.mutex_);
  control_.changed_.wait(lock, [&] { return !stopped_by.empty() || control_.my_turn(*this); });
  if (!stopped_by.empty()) {
    why_not = "stopped by " + stopped_by + " before it began";
    return false;
  }
  const auto freeze = read_freeze(control_.database_);
  if (!freeze || freeze->frozen) {
    why_not = freeze ? "starts were frozen when its turn came: " + freeze->reason : freeze.error().message;
    return false;
  }
  on_turn = true;
  return true;
}

Status ActiveRun::launch() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
  events_.reset(ends[0]);
  const os::UniqueFd their_end(ends[1]);
  const RunFolders& folders = control_.folders_;
  os::LaunchOptions options;
  options.argv = {folders.program.string(), "run", start_.file.empty() ? folders.text(row.id).string() : start_.file};
  options.argv.insert(options.argv.end(), start_.words.begin(), start_.words.end());
  options.argv.insert(options.argv.end(),
                      {"--out", folders.run(row.id).string(), "--live", std::to_string(their_end.get())});
  options.output = folders.output(row.id);
  options.keep_fds = {their_end.get()};
  options.die_with_parent = true;
  auto process = os::Process::launch(options);
  if (!process) return failure(std::move(process).error());
  const auto identity = os::ProcessIdentity::of(process->pid());
  const std::scoped_lock lock(control_.mutex_);
  process_ = std::move(*process);
  row.state = stopped_by.empty() ? RunState::running : RunState::stopping;
  row.started = wall_now();
  row.pid = process_->pid();
  row.pid_start = identity ? identity->start_ticks : 0;
  if (!stopped_by.empty()) static_cast<void>(process_->signal(SIGINT));
  control_.changed_.notify_all();
  if (auto saved = save_run(control_.database_, row); !saved)
    fracas::log::error("run {}: {}", row.id, saved.error().message);
  return {};
}

void ActiveRun::heard(const std::string& line) {
  log->append(line);
  const std::scoped_lock lock(control_.mutex_);
  const bool had_begun = tally.begun();
  tally.follow(line);
  if (!had_begun && tally.begun()) begin_ns = os::boot_now_ns();
  control_.changed_.notify_all();
}

// Follows the process to its end: its events, then how it ended.
void ActiveRun::listen() {
  std::string rest;
  std::array<char, 65536> bytes{};
  for (;;) {
    std::array<pollfd, 2> waiting{pollfd{.fd = events_.get(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = process_->pidfd(), .events = POLLIN, .revents = 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents == 0 && waiting[1].revents != 0 && !readable(events_.get(), kDrainMs)) break;
    const ssize_t got = ::read(events_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    rest.append(bytes.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1)
      heard(rest.substr(begin, end - begin));
    rest.erase(0, begin);
    if (rest.size() > kLineMax) rest.clear();
  }
  std::optional<os::ExitStatus> ended;
  while (!ended) ended = process_->wait_for(std::chrono::hours(1));
  conclude(ended, "");
}

// Reverts what a killed run in the lab left; what it says is in the run's output.
bool ActiveRun::heal() const {
  os::LaunchOptions options;
  options.argv = {control_.folders_.program.string(), "heal"};
  options.output = control_.folders_.output(row.id);
  options.die_with_parent = true;
  auto healing = os::Process::launch(options);
  const auto ended = healing ? healing->wait_for(kHealMax) : std::nullopt;
  return ended && ended->signal == 0 && ended->code == 0;
}

// What is said of a run that could not say it itself.
void ActiveRun::say_for_it(StoredRun& last, const Ending& ending) {
  const bool aborted = !ending.stopped_by.empty() || (!ending.ended && !on_turn);
  last.verdict = aborted ? "aborted" : "could-not-run";
  last.error = ending.problem;
  if (ending.problem.empty() && aborted) last.error = "stopped by " + ending.stopped_by;
  if (!aborted && ending.ended)
    last.error = (ending.ended->signal != 0 ? fmt::format("its process was killed by signal {}", ending.ended->signal)
                                            : fmt::format("its process ended with exit code {}", ending.ended->code)) +
                 log_tail(control_.folders_.output(last.id), kTailLines);
  if (ending.ended && ending.ended->signal != 0 && last.world == "lab" && !heal()) {
    last.verdict = "cleanup-failed";
    last.error.insert(0, "what it left could not be healed; ");
  }
  last.headline = last.error.substr(0, last.error.find('\n'));
  last.as_expected = false;
  const nlohmann::ordered_json event{{"type", "verdict"},
                                     {"at_ms", tally.last_ms()},
                                     {"verdict", last.verdict},
                                     {"headline", last.headline},
                                     {"exit_code", last.verdict == "cleanup-failed" ? 7
                                                   : aborted                        ? 4
                                                                                    : 5}};
  log->append(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void ActiveRun::conclude(const std::optional<os::ExitStatus>& ended, const std::string& problem) {
  std::unique_lock lock(control_.mutex_);
  StoredRun last = row;
  const Ending ending{.ended = ended, .problem = problem, .stopped_by = stopped_by};
  lock.unlock();
  if (tally.ended()) {
    last.verdict = tally.verdict();
    last.headline = tally.headline();
    last.as_expected = tally.exit_code() == 0;
  } else {
    say_for_it(last, ending);
  }
  last.ok = tally.ok();
  last.fail = tally.fail();
  last.info = tally.info();
  last.p99_ms = tally.p99_ms();
  last.state = RunState::done;
  last.ended = wall_now();
  last.pid = 0;
  lock.lock();
  row = std::move(last);
  if (auto saved = save_run(control_.database_, row); !saved)
    fracas::log::error("run {}: {}", row.id, saved.error().message);
  const AuditNote note{.who = "fracas", .action = "run.end", .subject = row.id, .details = row.verdict};
  if (auto noted = append_audit(control_.database_, note); !noted)
    fracas::log::error("audit: {}", noted.error().message);
  done = true;
  log->close();
  control_.ended(*this);
}

}  // namespace fracas::controller
