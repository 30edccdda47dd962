// One controller and many agents: ./dev bench fleet. The agents are played by a process of their own: their whole
// protocol with a certificate, a port and a connection for each, but without effects on a kernel. The controller is
// `fracas run` itself. Needs no root. Takes about two minutes.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/pki/pki_folder.h"
#include "lib/os/file.h"
#include "tests/bench/agents_played.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/quantile.h"

namespace {

using namespace fracas;
using namespace fracas::bench;
namespace fs = std::filesystem;

constexpr std::uint16_t kFirstPort = 20'000;

void must(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "bench_fleet: %s\n", status.error().message.c_str());
  std::exit(1);
}

void make_pki(const fs::path& folder) {
  must(controller::PkiFolder::init(folder, "bench"));
  auto opened = controller::PkiFolder::open(folder);
  if (!opened) must(failure(opened.error()));
  const auto issued = opened->issue({.name = "agents", .lifetime = std::chrono::hours(1)});
  if (!issued) must(failure(issued.error()));
}

// A client of nothing: what is measured is the agents' side.
void write_adapter(const fs::path& path) {
  std::ofstream(path) << "import json,sys\n"
                         "for line in sys.stdin:\n"
                         "    r=json.loads(line)\n"
                         "    print(json.dumps({'id':r['id'],'type':'ok','value':1}),flush=True)\n";
}

void write_experiment(const fs::path& folder, std::size_t agents, const std::string& lost) {
  std::ofstream out(folder / "fleet.toml");
  for (std::size_t i = 0; i < agents; ++i)
    out << fmt::format("[[host]]\nname = \"h{}\"\naddress = \"127.0.0.1:{}\"\ncertificate = \"agents\"\n", i + 1,
                       kFirstPort + i);
  std::ofstream(folder / "experiment.toml") << fmt::format(
      "name = \"fleet-bench\"\nseed = 1\nduration_max = \"3m\"\n[world]\nkind = \"fleet\"\ninventory = \"fleet.toml\"\n"
      "[target]\nkind = \"external\"\noptions = {{ adapter = [\"/usr/bin/python3\", \"{}\"] }}\n"
      "[workload]\nkind = \"unique-ids\"\nclients = 1\nrate = \"1/s\"\n"
      "[phases]\nwarmup = \"3s\"\nfaults = \"6s\"\nrecover = \"1s\"\n"
      "[[fault]]\nkind = \"net.loss\"\nloss = \"10%\"\nat = \"500ms\"\nfor = \"1s\"\n"
      "[safety]\nlease = \"10s\"\nagents_lost_max = \"{}\"\n",
      (folder / "adapter.py").string(), lost);
}

struct Controlled {
  int code = -1;
  double memory_mib = 0;
};

// What the controller said of an end that was not expected, on stderr.
void tell(const fs::path& folder, const std::string& run) {
  const auto said = os::read_file(folder / (run + ".log"));
  std::fprintf(stderr, "%s: %s\n", run.c_str(), said ? said->c_str() : "no log");
}

Controlled run_controller(const fs::path& folder, const std::string& run) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("FRACAS_PKI", (folder / "pki").c_str(), 1);
    const int log = ::open((folder / (run + ".log")).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    const std::string program = os::own_folder() / "fracas";
    const std::string experiment = folder / "experiment.toml", out = folder / run;
    ::execl(program.c_str(), "fracas", "run", experiment.c_str(), "--out", out.c_str(), "--quiet", nullptr);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .memory_mib = static_cast<double>(used.ru_maxrss) / 1024};
}

// The agents live in a process of their own; its last words are what they saw.
class Players {
 public:
  Players(std::size_t count, std::size_t first, const fs::path& pki, fs::path said) : said_(std::move(said)) {
    int ready[2];
    if (::pipe(ready) != 0) std::exit(1);
    child_ = ::fork();
    if (child_ == 0) play(count, first, pki, ready[1]);
    ::close(ready[1]);
    char word = 0;
    if (::read(ready[0], &word, 1) != 1) std::exit(1);
    ::close(ready[0]);
  }
  // Like a power cut.
  void kill() const { ::kill(child_, SIGKILL); }
  AgentsSeen end() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
    AgentsSeen seen;
    std::ifstream in(said_);
    in >> seen.prepared >> seen.armed >> seen.first_prepare_ns >> seen.last_arm_ns;
    for (double late = 0; in >> late;) seen.late_ms.push_back(late);
    return seen;
  }

 private:
  [[noreturn]] void play(std::size_t count, std::size_t first, const fs::path& pki, int ready) const {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    const AgentsPlayed agents(count, static_cast<std::uint16_t>(kFirstPort + first), pki);
    if (::write(ready, "r", 1) != 1) ::_exit(1);
    int number = 0;
    sigwait(&wanted, &number);
    const AgentsSeen seen = agents.seen();
    std::ofstream out(said_);
    out << seen.prepared << ' ' << seen.armed << ' ' << seen.first_prepare_ns << ' ' << seen.last_arm_ns;
    for (const double late : seen.late_ms) out << ' ' << late;
    out.close();
    ::_exit(0);
  }

  fs::path said_;
  pid_t child_ = -1;
};

void all_live(Report& report, const fs::path& folder, std::size_t count) {
  report.heading(fmt::format("{} agents, one fault on all of them", count));
  write_experiment(folder, count, "0%");
  Players players(count, 0, folder / "pki", folder / "seen");
  const Controlled controlled = run_controller(folder, "all");
  const AgentsSeen seen = players.end();
  if (controlled.code != 0) tell(folder, "all");
  report.add("the run's exit code", controlled.code, "", at_most(0));
  report.add("agents armed", static_cast<double>(seen.armed), "", at_least(static_cast<double>(count)));
  report.add("from the first prepared to the last armed",
             static_cast<double>(seen.last_arm_ns - seen.first_prepare_ns) * 1e-6, "ms", at_most(1000));
  report.add("armed after the window's start by, p99", quantile(seen.late_ms, 0.99), "ms", at_most(50));
  report.add("controller's memory", controlled.memory_mib, "MiB", at_most(300));
}

// A tenth of them dies as by a power cut, in the middle of the run.
void some_die(Report& report, const fs::path& folder, std::size_t count, const std::string& allowed, int code) {
  report.heading(fmt::format("{} agents, a tenth of which dies; {} may", count, allowed));
  write_experiment(folder, count, allowed);
  const std::size_t dying = count / 10;
  Players stay(count - dying, dying, folder / "pki", folder / "seen");
  const Players die(dying, 0, folder / "pki", folder / "unseen");
  std::jthread killer([&die, run = folder / ("dying-" + allowed)] {
    // The fault is prepared and armed before the middle of the fault phase, which begins with the history.
    while (!fs::exists(run / "history.jsonl")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::this_thread::sleep_for(std::chrono::milliseconds(3'900));
    die.kill();
  });
  const Controlled controlled = run_controller(folder, "dying-" + allowed);
  killer.join();
  stay.end();
  if (controlled.code != code) tell(folder, "dying-" + allowed);
  report.add("the run's exit code is the one expected", controlled.code == code ? 1 : 0, "", at_least(1));
}

}  // namespace

int main(int argc, char** argv) {
  std::string json;
  std::size_t count = 2000;
  CLI::App app("One controller and many agents.", "bench_fleet");
  app.add_option("--json", json, "file to write the results to");
  app.add_option("--agents", count, "how many")->check(CLI::Range(10, 5000));
  CLI11_PARSE(app, argc, argv);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::string pattern = (fs::temp_directory_path() / "fracas-fleet-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 5;
  const fs::path folder = pattern;
  make_pki(folder / "pki");
  write_adapter(folder / "adapter.py");
  Report report;
  report.begin();
  all_live(report, folder, count);
  some_die(report, folder, count, "15%", 0);
  some_die(report, folder, count, "5%", 4);
  report.summarise();
  fs::remove_all(folder);
  if (json.empty() || report.write_json(json)) return 0;
  std::fprintf(stderr, "bench_fleet: %s cannot be written\n", json.c_str());
  return 5;
}
