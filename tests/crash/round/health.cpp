#include "tests/crash/round/health.h"

#include <sys/resource.h>

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "agent/clock/vdso_image.h"
#include "agent/clock/victim_memory.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::crash {
namespace {

constexpr std::int64_t kPatienceNs = 60'000'000'000;

std::string text_of(const std::string& file) {
  return os::read_file(file).value_or("");
}

std::string field(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(name, 0) == 0) return line;
  return {};
}

// Its children are short-lived and the same as itself.
std::string describe_process(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  std::string text = text_of(folder + "/cgroup") + "oom score " + text_of(folder + "/oom_score_adj");
  for (const int resource : {RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_AS, RLIMIT_FSIZE}) {
    rlimit limit{};
    ::prlimit(pid, static_cast<__rlimit_resource>(resource), nullptr, &limit);
    text += fmt::format("limit {}: {} {}\n", resource, limit.rlim_cur, limit.rlim_max);
  }
  return text + field(text_of(folder + "/status"), "TracerPid") + "\n" +
         field(text_of(folder + "/status"), "NoNewPrivs");
}

// The one that prints: the others are its children.
pid_t main_process(const Place& place, const std::string& service) {
  const auto pids = place.service_processes(service);
  for (const pid_t pid : pids) {
    std::istringstream stat(text_of("/proc/" + std::to_string(pid) + "/stat"));
    std::string text;
    std::getline(stat, text);
    std::istringstream rest(text.substr(text.rfind(')') == std::string::npos ? text.size() : text.rfind(')') + 1));
    std::string state;
    pid_t parent = 0;
    rest >> state >> parent;
    if (state != "Z" && std::find(pids.begin(), pids.end(), parent) == pids.end()) return pid;
  }
  return 0;
}

bool is_pristine(pid_t pid) {
  const auto memory = agent::clock::VictimMemory::open(pid);
  const auto bytes = memory ? memory->read_vdso() : agent::clock::Bytes{};
  const auto pristine = agent::clock::pristine_vdso();
  return bytes && pristine && *bytes == pristine->bytes;
}

// One line of tests/kernel/victims/busy.c.
struct Beat {
  pid_t pid = 0;
  std::uint64_t reads = 0, wrong = 0, echoes = 0, writes = 0, forks = 0, errors = 0;
};

std::vector<Beat> beats_from(const std::string& log, std::size_t offset) {
  std::vector<Beat> beats;
  std::istringstream lines(log.substr(std::min(offset, log.size())));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Beat beat;
    if (words >> beat.pid >> beat.reads >> beat.wrong >> beat.echoes >> beat.writes >> beat.forks >> beat.errors)
      beats.push_back(beat);
  }
  return beats;
}

// Over the last lines, since not every part has something to show every 20 ms.
bool works(const std::vector<Beat>& beats) {
  constexpr std::size_t kEnough = 10;
  if (beats.size() < kEnough) return false;
  Beat sum;
  for (auto beat = beats.end() - kEnough; beat != beats.end(); ++beat) {
    sum.reads += beat->reads;
    sum.echoes += beat->echoes;
    sum.writes += beat->writes;
    sum.forks += beat->forks;
    sum.errors += beat->errors;
  }
  return sum.reads > 0 && sum.echoes > 0 && sum.writes > 0 && sum.forks > 0 && sum.errors == 0;
}

std::string last_lines(const std::string& log) {
  constexpr std::size_t kBytes = 400;
  return log.substr(log.size() - std::min(log.size(), kBytes));
}

std::string wait_until_it_works(const Place& place, const std::string& service) {
  const std::size_t from = text_of(place.service_log(service)).size();
  const std::int64_t deadline = os::boot_now_ns() + kPatienceNs;
  for (;;) {
    // The first line tells of a time that began before.
    auto beats = beats_from(text_of(place.service_log(service)), from);
    if (!beats.empty()) beats.erase(beats.begin());
    for (const Beat& beat : beats)
      if (beat.wrong > 0)
        return fmt::format("{} of {} times that process {} read are wrong", beat.wrong, beat.reads, beat.pid);
    if (works(beats)) return {};
    if (os::boot_now_ns() > deadline)
      return "it does not work again:\n" + last_lines(text_of(place.service_log(service)));
    os::sleep_until_boot_ns(os::boot_now_ns() + 10'000'000);
  }
}

}  // namespace

Constitution take_constitution(const Place& place) {
  Constitution all;
  for (const std::string& service : service_names()) all[service] = describe_process(main_process(place, service));
  return all;
}

std::vector<std::string> find_harm(const Place& place, const Constitution& before) {
  std::vector<std::string> harm;
  for (const auto& [service, constitution] : before) {
    if (const std::string wrong = wait_until_it_works(place, service); !wrong.empty())
      harm.push_back(fmt::format("service {}: {}", service, wrong));
    const pid_t pid = main_process(place, service);
    if (const std::string now = describe_process(pid); now != constitution)
      harm.push_back(fmt::format("service {}, process {}: was\n{}\nis\n{}", service, pid, constitution, now));
    if (!is_pristine(pid)) harm.push_back(fmt::format("service {}: the vDSO of process {} is patched", service, pid));
  }
  return harm;
}

std::vector<std::string> find_crashes(const Place& place) {
  std::vector<std::string> crashes;
  for (const std::string& service : service_names())
    if (const std::string line = field(text_of(place.service_log(service)), "CRASH"); !line.empty())
      crashes.push_back(service + ": " + line);
  return crashes;
}

}  // namespace fracas::crash
