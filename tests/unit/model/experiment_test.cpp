#include "lib/model/experiment.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lib/base/random.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "tests/catch/catch.h"

using namespace fracas::model;
using namespace std::chrono_literals;
using google::protobuf::util::MessageDifferencer;

namespace {

const std::string kStart = R"(name = "test"
duration_max = "2m"
[target]
kind = "raft"
[workload]
kind = "register"
)";

ReadOptions options_with(std::vector<std::string> overrides = {}) {
  ReadOptions options;
  options.overrides = std::move(overrides);
  options.bugs_known = {{"raft", {"stale-read"}}};
  options.variable = [](const std::string& name) {
    return name == "OUTSIDE" ? std::optional<std::string>("from outside") : std::nullopt;
  };
  return options;
}

ExperimentFile read_good(const std::string& text, const ReadOptions& options = options_with()) {
  auto read = read_experiment_text(text, "test.toml", options);
  if (!read) FAIL(read.error().message);
  return *std::move(read);
}

std::string first_error(const std::string& text, const ReadOptions& options = options_with()) {
  const auto read = read_experiment_text(text, "test.toml", options);
  return read ? "" : read.error().message;
}

template <typename T>
const T& pick(fracas::RandomStream& random, const std::vector<T>& values) {
  return values[static_cast<std::size_t>(random.below(values.size()))];
}

// A valid experiment with every key there or not, as the stream says.
std::string random_experiment(fracas::RandomStream& random) {
  std::string text = "name = \"random\"\nduration_max = \"10m\"\n";
  const auto maybe = [&](const std::string& line) { text += random.chance(0.5) ? line + "\n" : ""; };
  const auto duration = [&](std::uint64_t from_us, std::uint64_t to_us) {
    return fmt::format("\"{}us\"", from_us + random.below(to_us - from_us));
  };
  maybe("doc = \"" + pick<std::string>(random, {"plain", "\\\"quoted\\\"\\n", "\\t\\u0001 ü $${x}", "$$ {"}) + "\"");
  maybe(random.chance(0.5) ? "seed = \"random\"" : fmt::format("seed = \"{}\"", random.next()));
  maybe("expect = \"violated\"");
  text += fmt::format("[world]\nnodes = {}\nspares = 2\n", 4 + random.below(11));
  text += "[target]\nkind = \"raft\"\n[target.options]\n";
  maybe("bugs = [\"stale-read\"]");
  maybe("fsync = false");
  maybe("election_timeout = " + duration(200'000, 9'000'000));
  text += "[workload]\nkind = \"" + pick<std::string>(random, {"register", "cas-register", "append"}) + "\"\n";
  maybe(fmt::format("rate = \"{}/s\"", 0.1 + random.unit() * 10000));
  maybe(fmt::format("reads = {}", random.unit()));
  maybe("timeout = " + duration(400'000, 60'000'000));
  for (std::uint64_t i = random.below(6); i > 0; --i) {
    text += "[[fault]]\n";
    maybe("at = " + duration(0, 9'000'000));
    text += "for = " + duration(1000, 900'000) + "\n";
    maybe("every = { " + pick<std::string>(random, {"fixed", "uniform", "poisson"}) + " = " +
          duration(2'000'000, 9'000'000) + " }");
    switch (random.below(4)) {
      case 0:
        text += "kind = \"net.loss\"\nloss = " + fmt::format("{}", 0.00001 + random.unit() * 0.9) + "\n";
        maybe("direction = \"both\"");
        maybe("to = \"leader, x2\"");
        break;
      case 1:
        text += "kind = \"net.delay\"\ndelay = " + duration(5000, 60'000'000) + "\n";
        maybe("jitter = " + duration(0, 5000));
        break;
      case 2:
        text += "kind = \"process.kill\"\n";
        maybe("on = \"" + pick<std::string>(random, {"all", "n1,x1", "40%", "leader"}) + "\"");
        maybe("signal = \"" + pick<std::string>(random, {"term", "int", "abrt"}) + "\"");
        break;
      default:
        text += "kind = \"net.partition\"\nshape = \"" +
                pick<std::string>(random, {"halves", "bridge", "majorities-ring",
                                           "groups\"\ngroups = [[\"n1\"], [\"n2\", \"x1\"]]#"}) +
                "\"\n";
    }
  }
  text += "[[check]]\nkind = \"linearizable\"\n";
  maybe(fmt::format("memory_max = \"{}B\"", 16777216 + random.below(1U << 30U)));
  return text;
}

}  // namespace

TEST_CASE("experiment: what is absent has its default", "[unit][model]") {
  const ExperimentFile file = read_good(kStart);
  const Experiment& experiment = file.experiment();
  CHECK(experiment.seed().random());
  CHECK(experiment.expect() == EXPECTATION_PASS);
  CHECK(experiment.world().nodes() == 5);
  CHECK(experiment.world().spares() == 0);
  CHECK(experiment.target().raft().fsync());
  CHECK(from_proto(experiment.target().raft().election_timeout()) == 150ms);
  CHECK(experiment.workload().rate() == 200);
  CHECK(experiment.workload().reads() == 0.5);
  CHECK(from_proto(experiment.phases().faults()) == 30s);
  CHECK(from_proto(experiment.safety().lease()) == 5s);
  CHECK(experiment.safety().victims_max() == 1);
  CHECK(experiment.fault_size() == 0);
}

TEST_CASE("experiment: a number may be negative where its range says so", "[unit][model]") {
  const auto file = read_good(kStart + "[[fault]]\nkind = \"clock.drift\"\nppm = -200\n");
  CHECK(file.experiment().fault(0).clock_drift().ppm() == -200);
  CHECK(first_error(kStart + "[[fault]]\nkind = \"clock.drift\"\nppm = -500001\n").find("between -500000 and") !=
        std::string::npos);
}

TEST_CASE("experiment: a fault without a name gets its kind, made unique", "[unit][model]") {
  const std::string pause = "[[fault]]\nkind = \"process.pause\"\n";
  const ExperimentFile file =
      read_good(kStart + pause + pause + "[[fault]]\nname = \"process.pause-2\"\nkind = \"net.partition\"\n" + pause);
  CHECK(file.experiment().fault(0).name() == "process.pause");
  CHECK(file.experiment().fault(1).name() == "process.pause-3");
  CHECK(file.experiment().fault(2).name() == "process.pause-2");
  CHECK(file.experiment().fault(3).name() == "process.pause-4");
}

TEST_CASE("experiment: victims are all hosts where none are given, but none for a partition", "[unit][model]") {
  const ExperimentFile file =
      read_good(kStart + "[[fault]]\nkind = \"process.pause\"\n[[fault]]\nkind = \"net.partition\"\n");
  CHECK(file.experiment().fault(0).on() == "all");
  CHECK(file.experiment().fault(1).on().empty());
}

TEST_CASE("experiment: it knows where each fault and key stands", "[unit][model]") {
  const ExperimentFile file = read_good(kStart + "[[fault]]\nkind = \"net.delay\"\n  delay = \"5ms\"\n");
  CHECK(file.where(0) == "test.toml:7:1");
  CHECK(file.where(0, "delay") == "test.toml:9:11");
  CHECK(file.where(0, "jitter") == "test.toml:7:1");
  CHECK(file.where("workload.rate") == "test.toml:5:1");
  CHECK(file.where("safety.lease") == "test.toml:1:1");
  const ExperimentFile set = read_good(kStart, options_with({"fault.0.kind=process.kill"}));
  CHECK(set.where(0) == "--set fault.0.kind=process.kill");
}

TEST_CASE("experiment: first windows follow at, for, with and after", "[unit][model]") {
  const ExperimentFile file = read_good(kStart + R"(
[[fault]]
name = "last"
kind = "process.pause"
after = "middle"
at = "1s"
for = "2s"
[[fault]]
name = "first"
kind = "net.partition"
at = "2s"
for = "10s"
[[fault]]
name = "middle"
kind = "process.kill"
on = "leader"
with = "first"
at = "500ms"
every = "5s"
restart_after = "3s"
[[fault]]
name = "open"
kind = "net.loss"
loss = "5%"
after = "first"
)");
  const auto windows = first_windows(file.experiment());
  REQUIRE(windows.size() == 4);
  CHECK(windows[0].start == 6500ms);
  CHECK(windows[0].length == 2s);
  CHECK(windows[1].start == 2s);
  CHECK(windows[1].length == 10s);
  CHECK(windows[2].start == 2500ms);
  CHECK(windows[2].length == 3s);
  CHECK(windows[3].start == 12s);
  CHECK(windows[3].length == 18s);
}

TEST_CASE("experiment: overrides are applied in order before anything is checked", "[unit][model]") {
  const ExperimentFile file =
      read_good(kStart + "[[fault]]\nkind = \"process.pause\"\nfor = \"1s\"\nevery = \"5s\"\n",
                options_with({"workload.rate=1/s", "workload.rate=100/s", "expect=violated", "seed=9", "fault.0.for=2s",
                              "fault.0.every={ poisson = \"7s\" }", "fault.1={ kind = \"net.loss\", loss = 0.25 }",
                              "target.options.bugs=[\"stale-read\"]", "doc=a = b\nname = 5", "world.nodes=7"}));
  const Experiment& experiment = file.experiment();
  CHECK(experiment.workload().rate() == 100);
  CHECK(experiment.expect() == EXPECTATION_VIOLATED);
  CHECK(experiment.seed().value() == 9);
  CHECK(from_proto(experiment.fault(0).for_()) == 2s);
  CHECK(from_proto(experiment.fault(0).every().poisson()) == 7s);
  CHECK(experiment.fault(1).net_loss().loss() == 0.25);
  CHECK(experiment.target().raft().bugs(0) == "stale-read");
  CHECK(experiment.doc() == "a = b\nname = 5");
  CHECK(experiment.name() == "test");
  CHECK(experiment.world().nodes() == 7);
}

TEST_CASE("experiment: variables come from the file, then from outside", "[unit][model]") {
  const ExperimentFile file = read_good("doc = \"${A}-${N} ${OUTSIDE} $${A} $A\"\n" + kStart +
                                        "rate = \"${N}/s\"\n[vars]\nA = \"${N}\"\nN = 40\n");
  CHECK(file.experiment().doc() == "${N}-40 from outside ${A} $A");
  CHECK(file.experiment().workload().rate() == 40);
}

TEST_CASE("experiment: the canonical form reads back as an equal message", "[unit][model]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    fracas::RandomStream random(seed, "round trip");
    const std::string text = random_experiment(random);
    CAPTURE(seed, text);
    const ExperimentFile first = read_good(text);
    const std::string canonical = to_toml(first.experiment());
    CAPTURE(canonical);
    const ExperimentFile second = read_good(canonical);
    MessageDifferencer differencer;
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    const bool equal = differencer.Compare(first.experiment(), second.experiment());
    CHECK(difference == "");
    CHECK(equal);
    CHECK(to_toml(second.experiment()) == canonical);
  }
}

TEST_CASE("experiment: a cut-off or changed text is refused or read, never a crash", "[unit][model]") {
  fracas::RandomStream random(1, "mangle");
  for (int round = 0; round < 300; ++round) {
    std::string text = random_experiment(random);
    text.resize(static_cast<std::size_t>(random.below(text.size())));
    if (!text.empty() && random.chance(0.7))
      text[static_cast<std::size_t>(random.below(text.size()))] = static_cast<char>(random.below(256));
    CAPTURE(text);
    const auto read = read_experiment_text(text, "test.toml", options_with());
    if (!read) CHECK(read.error().message.starts_with("test.toml:"));
  }
}

TEST_CASE("experiment: each mistake is one line, in the order of the file", "[unit][model]") {
  CHECK(first_error("name = 5\n" + kStart.substr(kStart.find('\n') + 1) + "keys = 0\nrat = \"5/s\"\n") ==
        "test.toml:1:8: name must be a text in quotes, not a number\n"
        "test.toml:7:8: keys must be between 1 and 10000, not 0\n"
        "test.toml:8:1: unknown key \"rat\"; did you mean \"rate\"?");
}

TEST_CASE("experiment: what is no file gets one line", "[unit][model]") {
  CHECK(read_experiment("/nowhere/x.toml").error().message == "/nowhere/x.toml: No such file or directory");
  CHECK(read_experiment("/").error().message == "/: Is a directory");
  CHECK(read_experiment("/dev/zero").error().message == "/dev/zero: larger than 1MiB; this is no experiment");
  CHECK(read_experiment("/dev/null").error().message == "/dev/null:1:1: the file is empty");
}

TEST_CASE("experiment: a file is read like its text", "[unit][model]") {
  const auto path = std::filesystem::temp_directory_path() / fmt::format("fracas-experiment-{}.toml", ::getpid());
  std::ofstream(path) << kStart;
  const auto read = read_experiment(path.string(), options_with());
  std::filesystem::remove(path);
  REQUIRE(read.has_value());
  CHECK(to_toml(read->experiment()) == to_toml(read_good(kStart).experiment()));
}

TEST_CASE("experiment: the kind of each part is what the user wrote", "[unit][model]") {
  const ExperimentFile file = read_good(kStart + "[[fault]]\nkind = \"net.partition\"\n[[check]]\nkind = \"raft\"\n");
  CHECK(kind_of(file.experiment().fault(0)) == "net.partition");
  CHECK(kind_of(file.experiment().target()) == "raft");
  CHECK(kind_of(file.experiment().workload()) == "register");
  CHECK(kind_of(file.experiment().check(0)) == "raft");
}

TEST_CASE("experiment: a lab's hosts share one clock, so it cannot be set", "[unit][model]") {
  const std::string fault = kStart + "[[fault]]\nkind = \"clock.skew\"\noffset = \"1h\"\n";
  CHECK(first_error(fault + "system = false\n").empty());
  CHECK(first_error(fault + "system = true\n")
            .starts_with("test.toml:10:10: clock.skew with `system` would set this machine's own clock"));
}

TEST_CASE("experiment: a quorum store's numbers fit each other, and deletes are for the bundled stores alone",
          "[unit][model]") {
  const std::string head = "name = \"q\"\nduration_max = \"2m\"\n[workload]\nkind = \"register\"\n";
  const std::string quorum = head + "[target]\nkind = \"quorum\"\n";
  const auto error = [&](const std::string& options) {
    return first_error(quorum + "options = { " + options + " }\n");
  };
  CHECK(error("replicas = 5, reads = 3, writes = 3").empty());
  CHECK(error("replicas = 6").find("more than the 5 nodes of the world") != std::string::npos);
  CHECK(error("reads = 4").find("more than the 3 replicas") != std::string::npos);
  CHECK(error("sloppy = true").find("not for mode atomic") != std::string::npos);
  CHECK(error("mode = \"lww\", sloppy = true").empty());
  CHECK(error("bugs = [\"stale-read\"]").find("unknown bug") != std::string::npos);
  const std::string deletes = "deletes = \"10%\"\n";
  CHECK(first_error(head + deletes + "[target]\nkind = \"quorum\"\n").empty());
  CHECK(first_error(head + deletes + "[target]\nkind = \"raft\"\n").empty());
  CHECK(first_error(head + deletes + "[target]\nkind = \"etcd\"\n").find("does not delete") != std::string::npos);
  CHECK(first_error(head + "[target]\nkind = \"raft\"\noptions = { members = 6 }\n")
            .find("more than the 5 nodes of the world") != std::string::npos);
}

TEST_CASE("experiment: a lab has few nodes, a simulated world may have a thousand", "[unit][model]") {
  const std::string head =
      "name = \"q\"\nduration_max = \"2m\"\n[target]\nkind = \"quorum\"\n[workload]\nkind = \"register\"\n";
  CHECK(first_error(head + "[world]\nnodes = 15\n").empty());
  CHECK(first_error(head + "[world]\nnodes = 16\n").find("a lab has at most 15 nodes, not 16") != std::string::npos);
  CHECK(first_error(head + "[world]\nkind = \"sim\"\nnodes = 1000\n").empty());
  CHECK_FALSE(first_error(head + "[world]\nkind = \"sim\"\nnodes = 1001\n").empty());
}

TEST_CASE("experiment: clients stand near nodes that there are", "[unit][model]") {
  const std::string head =
      "name = \"q\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\n";
  CHECK(first_error(head + "near = [[\"n1\", \"n2\"], [\"n3\"]]\n").empty());
  CHECK(first_error(head + "near = [[\"n1\", \"n6\"]]\n").find("no node is called \"n6\"") != std::string::npos);
  CHECK(first_error(head + "near = [[\"n1\"], []]\n").find("a group of nodes is empty") != std::string::npos);
}
