#include "tests/crash/round/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <sstream>
#include <vector>

#include "lib/model/catalogue.h"

namespace fracas::crash {
namespace {

std::uint64_t between(RandomStream& random, std::uint64_t low, std::uint64_t high) {
  return low + random.below(high - low + 1);
}

template <std::size_t N>
std::string one_of(RandomStream& random, const std::array<const char*, N>& choices) {
  return choices[random.below(N)];
}

std::string percent(RandomStream& random, std::uint64_t low = 1, std::uint64_t high = 100) {
  return fmt::format("\"{}%\"", between(random, low, high));
}

std::string milliseconds(RandomStream& random, std::uint64_t low, std::uint64_t high) {
  return fmt::format("\"{}ms\"", between(random, low, high));
}

// Which packets: often all of them.
std::string flows(RandomStream& random) {
  return one_of(random, std::array{"", "", "", "protocol = \"tcp\"\n", "ports = [\"7000\"]\n", "share = \"50%\"\n"});
}

std::string direction(RandomStream& random) {
  return "direction = " + one_of(random, std::array{"\"in\"\n", "\"out\"\n", "\"both\"\n"});
}

std::string disk_scope(RandomStream& random) {
  return one_of(random, std::array{"", "files = \"log*\"\n", "share = \"30%\"\n", "share = \"100%\"\n"});
}

std::string disk_calls(RandomStream& random) {
  return one_of(random, std::array{"", "calls = [\"fsync\"]\n", "calls = [\"open\", \"rename\"]\n",
                                   "calls = [\"write\", \"read\"]\n"});
}

std::string clocks(RandomStream& random) {
  return one_of(random, std::array{"", "clocks = \"monotonic\"\n", "clocks = \"both\"\n"});
}

std::string restart_after(RandomStream& random) {
  return random.chance(0.5) ? "restart_after = " + milliseconds(random, 1, 300) + "\n" : "";
}

std::string partition(RandomStream& random) {
  return "shape = \"isolate\"\nstyle = " +
         one_of(random, std::array{"\"blackhole\"\n", "\"reject\"\n", "\"new-only\"\n", "\"established-only\"\n"}) +
         flows(random);
}

std::string loss(RandomStream& random) {
  const std::string bursts = random.chance(0.3) ? "burst = 5\n" : "";
  return "loss = " + percent(random, 1, bursts.empty() ? 100 : 80) + "\n" + bursts + direction(random) + flows(random);
}

std::string delay(RandomStream& random) {
  const std::uint64_t ms = between(random, 1, 200);
  std::string text = fmt::format("delay = \"{}ms\"\n", ms);
  if (random.chance(0.5))
    text += fmt::format("jitter = \"{}us\"\nspread = ", between(random, 1, ms * 1000)) +
            one_of(random, std::array{"\"uniform\"\n", "\"normal\"\n", "\"pareto\"\n"});
  return text + (random.chance(0.2) ? "reorder = true\n" : "") + flows(random);
}

std::string throttle(RandomStream& random) {
  return fmt::format("cpu = \"{}%\"\nperiod = \"{}ms\"\n", between(random, 5, 100), between(random, 20, 500));
}

std::string crash_point(RandomStream& random) {
  return fmt::format("call = {}number = {}\naction = {}",
                     one_of(random, std::array{"\"fsync\"\n", "\"write\"\n", "\"send\"\n", "\"rename\"\n"}),
                     between(random, 1, 20), one_of(random, std::array{"\"kill\"\n", "\"stop\"\n"})) +
         restart_after(random);
}

std::string connect(RandomStream& random) {
  return "outcome = " +
         one_of(random, std::array{"\"refused\"\n", "\"unreachable\"\n", "\"timeout\"\n", "\"slow\"\n"}) +
         "delay = " + milliseconds(random, 1, 300) + "\nshare = " + percent(random) + "\n";
}

using Draw = std::function<std::string(RandomStream&)>;

const std::map<std::string, Draw>& known() {
  static const std::map<std::string, Draw> kinds = {
      {"net.partition", partition},
      {"net.loss", loss},
      {"net.delay", delay},
      {"net.duplicate", [](RandomStream& r) { return "duplicate = " + percent(r) + "\n" + direction(r) + flows(r); }},
      {"net.corrupt",
       [](RandomStream& r) {
         return "corrupt = " + percent(r) + "\n" + (r.chance(0.5) ? "silent = true\n" : "") + flows(r);
       }},
      {"net.reorder",
       [](RandomStream& r) {
         return "reorder = " + percent(r) + "\ndelay = " + milliseconds(r, 1, 100) + "\n" + flows(r);
       }},
      {"net.bandwidth",
       [](RandomStream& r) { return fmt::format("rate = \"{}KB\"\n", between(r, 1, 100'000)) + flows(r); }},
      {"process.kill",
       [](RandomStream& r) {
         return "signal = " + one_of(r, std::array{"\"kill\"\n", "\"term\"\n"}) + restart_after(r);
       }},
      {"clock.skew",
       [](RandomStream& r) {
         return fmt::format("offset = \"{}{}ms\"\n", r.chance(0.5) ? "-" : "", between(r, 1, 300)) + clocks(r);
       }},
      {"clock.drift",
       [](RandomStream& r) {
         return fmt::format("ppm = {}{}\n", r.chance(0.5) ? "-" : "", between(r, 1, 400'000)) + clocks(r);
       }},
      {"clock.strobe",
       [](RandomStream& r) {
         return fmt::format("first = \"{}ms\"\nsecond = \"-{}s\"\nperiod = ", between(r, 0, 900), between(r, 1, 100)) +
                milliseconds(r, 1, 100) + "\n";
       }},
      {"cpu.throttle", throttle},
      {"cpu.stress",
       [](RandomStream& r) {
         return fmt::format("workers = {}\nload = ", between(r, 1, 2)) + percent(r, 1, 60) + "\n";
       }},
      {"memory.pressure", [](RandomStream& r) { return fmt::format("size = \"{}MiB\"\n", between(r, 1, 64)); }},
      {"io.stress",
       [](RandomStream& r) {
         return fmt::format("workers = {}\nsize = \"1MiB\"\nrate = \"{}/s\"\n", between(r, 1, 2), between(r, 1, 100));
       }},
      {"fd.exhaust", [](RandomStream& r) { return fmt::format("spare = {}\n", between(r, 0, 3)); }},
      {"pid.exhaust", [](RandomStream& r) { return fmt::format("spare = {}\n", between(r, 0, 3)); }},
      {"process.crash-point", crash_point},
      {"process.restart",
       [](RandomStream& r) {
         return "grace = " + milliseconds(r, 0, 200) + "\ndown = " + milliseconds(r, 0, 300) + "\n";
       }},
      {"net.connect", connect},
      {"disk.error",
       [](RandomStream& r) {
         return "error = " + one_of(r, std::array{"\"eio\"\n", "\"enospc\"\n", "\"erofs\"\n", "\"eacces\"\n"}) +
                disk_calls(r) + disk_scope(r);
       }},
      {"disk.delay",
       [](RandomStream& r) { return "delay = " + milliseconds(r, 1, 100) + "\n" + disk_calls(r) + disk_scope(r); }},
      {"disk.fill", [](RandomStream& r) { return fmt::format("free = \"{}KiB\"\n", between(r, 0, 64)); }},
      {"disk.lose-unsynced", [](RandomStream& r) { return r.chance(0.5) ? "torn = true\n" : ""; }},
  };
  return kinds;
}

bool says_who_or_when(const std::string& line) {
  std::istringstream words(line);
  std::string first;
  words >> first;
  const std::array<std::string, 9> taken = {"[[fault]]", "kind", "name", "on", "at", "for", "every", "with", "after"};
  return first.empty() || std::find(taken.begin(), taken.end(), first) != taken.end();
}

std::string example_of(const std::string& kind) {
  std::string kept;
  for (const model::KindDoc& doc : model::kinds(model::Section::fault)) {
    if (doc.kind != kind) continue;
    std::istringstream lines(doc.example);
    for (std::string line; std::getline(lines, line);)
      if (!says_who_or_when(line)) kept += line + "\n";
  }
  return kept;
}

}  // namespace

std::string draw_parameters(const std::string& kind, RandomStream& random) {
  const auto found = known().find(kind);
  return found == known().end() ? example_of(kind) : found->second(random);
}

}  // namespace fracas::crash
