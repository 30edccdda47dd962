#include <array>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "controller/plan/timeline.h"
#include "controller/run/live_report.h"
#include "controller/serve/live_tally.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/file.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

model::Event event(std::int64_t ms, const std::string& process, model::EventType type) {
  model::Event made;
  made.time_ns = ms * 1'000'000;
  made.process = process;
  made.type = type;
  return made;
}

struct Simulated {
  std::vector<std::string> lines;
  RunRecord record;
};

// The live events of a simulated run of the library.
Simulated replayed(const std::string& name) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  options.overrides = {"world.kind=sim"};
  const auto file = model::read_experiment(tests::source_dir() + "/experiments/" + name, options);
  REQUIRE(file.has_value());
  const auto timeline = plan(*file, 7);
  REQUIRE(timeline.has_value());
  Simulated simulated{{}, simulate(file->experiment(), *timeline)};
  const auto path = std::filesystem::temp_directory_path() / ("fracas-live-" + std::to_string(::getpid()));
  {
    auto stream = LiveStream::open(path.string());
    REQUIRE(stream.has_value());
    replay_live(simulated.record, {.run = "r", .name = name, .clients = 10, .timeline = *timeline}, **stream);
  }
  std::istringstream in(*os::read_file(path));
  std::filesystem::remove(path);
  for (std::string line; std::getline(in, line);) simulated.lines.push_back(line);
  return simulated;
}

}  // namespace

TEST_CASE("live: operations are counted, timed and sampled since the last line", "[unit][controller]") {
  using model::EventType;
  LiveOperations operations(1'000'000'000);
  const std::vector<model::Event> history{event(1000, "a", EventType::invoke), event(1001, "b", EventType::invoke),
                                          event(1003, "a", EventType::ok),     event(1004, "c", EventType::invoke),
                                          event(1011, "b", EventType::fail),   event(1020, "c", EventType::info)};
  operations.follow(std::span(history).first(5));
  const auto line = nlohmann::json::parse(operations.take_line(1'250'000'000));
  CHECK(line == nlohmann::json::parse(R"({"type":"ops","at_ms":250.0,"ok":1,"fail":1,"info":0,"p50_ms":3.0,
    "p99_ms":3.0,"samples":[[3.0,3.0,0],[11.0,10.0,1]]})"));
  operations.follow(std::span(history).subspan(5));
  const auto next = nlohmann::json::parse(operations.take_line(1'500'000'000));
  CHECK(next["info"] == 1);
  CHECK(next["samples"] == nlohmann::json::parse("[[20.0,16.0,2]]"));
  CHECK(nlohmann::json::parse(operations.take_line(1'750'000'000))["samples"].empty());
}

TEST_CASE("live: a compare-and-set that did not match was answered", "[unit][controller]") {
  using model::EventType;
  LiveOperations operations(0);
  std::vector<model::Event> history{event(1, "a", EventType::invoke), event(3, "a", EventType::fail)};
  for (model::Event& each : history) each.function = model::Function::cas;
  history.back().error = "mismatch";
  operations.follow(history);
  const auto line = nlohmann::json::parse(operations.take_line(1'000'000));
  CHECK(line["ok"] == 1);
  CHECK(line["fail"] == 0);
  CHECK(line["p50_ms"] == 2.0);
}

TEST_CASE("live: of many operations at most two hundred are shown, and all are counted", "[unit][controller]") {
  LiveOperations operations(0);
  std::vector<model::Event> history;
  for (int i = 0; i < 999; ++i) {
    history.push_back(event(i, "p", model::EventType::invoke));
    history.push_back(event(i, "p", model::EventType::ok));
  }
  operations.follow(history);
  const auto line = nlohmann::json::parse(operations.take_line(1));
  CHECK(line["ok"] == 999);
  CHECK(line["samples"].size() <= LiveOperations::kSamplesMax);
  CHECK(line["samples"].size() > LiveOperations::kSamplesMax / 2);
}

TEST_CASE("live: a simulated run tells of all its operations, faults, links and its verdict, in order",
          "[unit][controller]") {
  const Simulated simulated = replayed("raft/partition-majority.toml");
  double last_ms = 0;
  LiveTally tally;
  bool cut = false;
  for (const std::string& line : simulated.lines) {
    const auto event = nlohmann::json::parse(line);
    CHECK(event["at_ms"].get<double>() >= last_ms);
    last_ms = event["at_ms"].get<double>();
    tally.follow(line);
    cut |= event["type"] == "fault" && event["effect"] == "cut" && !event["links"].empty();
  }
  CHECK(cut);
  CHECK(nlohmann::json::parse(simulated.lines.front())["type"] == "begin");
  CHECK(tally.verdict() == "pass");
  CHECK(tally.exit_code() == 0);
  CHECK(tally.faults().size() == simulated.record.faults.size());
  CHECK(tally.faults_over());
  std::uint64_t ok = 0;
  for (const model::Event& each : simulated.record.history) ok += each.type == model::EventType::ok ? 1 : 0;
  CHECK(tally.ok() == ok);
  CHECK(tally.phases().size() == 3);
  CHECK(tally.p99_ms() > 0);
}

TEST_CASE("live: faults are over once the run is past them, not while one acts", "[unit][controller]") {
  LiveTally tally;
  tally.follow(R"({"type":"begin","at_ms":0})");
  tally.follow(R"({"type":"phase","at_ms":0,"name":"faults"})");
  CHECK_FALSE(tally.faults_over());
  tally.follow(R"({"type":"fault","at_ms":5,"name":"a#1","kind":"net.loss","state":"armed","victims":["n1"]})");
  tally.follow(R"({"type":"phase","at_ms":6,"name":"healed"})");
  CHECK_FALSE(tally.faults_over());
  tally.follow(R"({"type":"fault","at_ms":9,"name":"a#1","state":"ended","counted":{"affected":3}})");
  CHECK(tally.faults_over());
  REQUIRE(tally.faults().size() == 1);
  CHECK(tally.faults()[0].end_ms == 9);
  CHECK(tally.faults()[0].counted.at("affected") == 3);
  for (const char* nonsense : {"", "{", "7", "[]", R"({"type":5,"at_ms":"x"})", R"({"type":"ops","samples":7})"})
    tally.follow(nonsense);
  CHECK(tally.faults_over());
}

TEST_CASE("live: a reader who does not read never holds up who tells", "[unit][controller]") {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  os::UniqueFd reading(ends[0]);
  os::UniqueFd writing(ends[1]);
  auto stream = LiveStream::open(std::to_string(writing.get()));
  REQUIRE(stream.has_value());
  const std::string line = R"({"type":"ops",)" + std::string(1000, ' ') + "}";
  for (int i = 0; i < 5000; ++i) (*stream)->say(line);  // far more than the pipe holds
  reading.reset();
  stream->reset();  // whoever reads is gone: nothing to wait for
  CHECK_FALSE(reading);
}
