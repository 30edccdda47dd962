#include <string>

#include "lib/model/abort_condition.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/model/ramp.h"
#include "lib/model/trigger.h"
#include "tests/catch/catch.h"

using namespace fracas::model;
using namespace std::chrono_literals;

namespace {

ExperimentFile read(const std::string& rest) {
  auto file = read_experiment_text(
      "name = \"test\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\n" + rest,
      "test.toml");
  if (!file) FAIL(file.error().message);
  return *std::move(file);
}

}  // namespace

TEST_CASE("trigger: every event is read and written alike", "[unit][model]") {
  for (const char* text : {"leader-elected", "leader-lost", "role-changed", "first-violation", "fault:ring:started",
                           "fault:a.b-c:ended"}) {
    const auto event = parse_run_event(text);
    REQUIRE(event.has_value());
    CHECK(to_text(*event) == text);
  }
  CHECK(parse_run_event("fault:ring:ended")->fault == "ring");
  CHECK_FALSE(parse_run_event("fault:ring").has_value());
  CHECK_FALSE(parse_run_event("fault::ended").has_value());
  CHECK(parse_run_event("leader-electd").error().message.find("\"leader-elected\"") != std::string::npos);
}

TEST_CASE("trigger: a text alone means the event, a table says more", "[unit][model]") {
  const auto file = read(
      "[[fault]]\nkind = \"process.kill\"\nwhen = \"leader-lost\"\nfor = \"1s\"\n"
      "[[fault]]\nkind = \"net.partition\"\nfor = \"1s\"\n"
      "when = { event = \"fault:process.kill:ended\", delay = \"2s\" }\n"
      "[[fault]]\nkind = \"net.loss\"\nloss = \"1%\"\nfor = \"1s\"\n");
  CHECK(file.experiment().fault(0).when().event() == "leader-lost");
  CHECK(from_proto(file.experiment().fault(0).when().delay()) == 0s);
  CHECK(from_proto(file.experiment().fault(1).when().delay()) == 2s);
  CHECK_FALSE(file.experiment().fault(2).has_when());
  CHECK_FALSE(file.experiment().fault(2).has_ramp());
  CHECK_FALSE(file.experiment().has_control());
}

TEST_CASE("abort_when: conditions are read with their units", "[unit][model]") {
  const auto rate = parse_abort_condition("ok-rate < 50% over 2s");
  REQUIRE(rate.has_value());
  CHECK(rate->what == AbortCondition::What::ok_rate);
  CHECK(rate->ok_rate_min == 0.5);
  CHECK(rate->over == 2s);
  const auto latency = parse_abort_condition("latency p99.9 > 300ms");
  REQUIRE(latency.has_value());
  CHECK(latency->what == AbortCondition::What::latency);
  CHECK(latency->quantile == Approx(0.999));
  CHECK(latency->latency_max == 300ms);
  CHECK(latency->over == 5s);
  CHECK(parse_abort_condition("probe:health")->probe == "health");
  for (const char* wrong : {"", "probe:", "ok-rate > 5%", "ok-rate < 50", "latency > 1s", "latency p0 > 1s",
                            "ok-rate < 5% over 1ms", "latency p99 > 1s over"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_abort_condition(wrong).has_value());
  }
}

TEST_CASE("ramp: its steps go evenly from the first value to the key's own", "[unit][model]") {
  const auto file = read(
      "[[fault]]\nkind = \"net.delay\"\ndelay = \"100ms\"\nramp = { key = \"delay\", from = \"20ms\", steps = 5 }\n"
      "for = \"5s\"\n");
  std::vector<fracas::Duration> delays;
  for (std::uint32_t step = 0; step < 5; ++step) {
    FaultSpec fault = file.experiment().fault(0);
    REQUIRE(apply_ramp_step(fault, step).has_value());
    delays.push_back(from_proto(fault.net_delay().delay()));
  }
  CHECK(delays == std::vector<fracas::Duration>{20ms, 40ms, 60ms, 80ms, 100ms});
}

TEST_CASE("ramp: shares and sizes change likewise, downwards too", "[unit][model]") {
  auto loss = read(
                  "[[fault]]\nkind = \"net.loss\"\nloss = \"10%\"\n"
                  "ramp = { key = \"loss\", from = \"50%\", steps = 3 }\nfor = \"5s\"\n")
                  .experiment()
                  .fault(0);
  CHECK(apply_ramp_step(loss, 1).value() == "loss = 30%");
  CHECK(loss.net_loss().loss() == Approx(0.3));
  auto rate = read(
                  "[[fault]]\nkind = \"net.bandwidth\"\nrate = \"1MB\"\n"
                  "ramp = { key = \"rate\", from = \"1MB\", to = \"100KB\", steps = 4 }\nfor = \"5s\"\n")
                  .experiment()
                  .fault(0);
  CHECK(apply_ramp_step(rate, 3).value() == "rate = 100000B");
  CHECK(rate.net_bandwidth().rate() == 100'000);
}

TEST_CASE("probes: those without a name are called after their kind", "[unit][model]") {
  const auto file = read(
      "[[probe]]\nkind = \"tcp\"\naddress = \"{n1}:1\"\n[[probe]]\nkind = \"tcp\"\naddress = \"{n2}:1\"\n"
      "[safety]\nabort_when = [\"probe:tcp-2\"]\n");
  CHECK(file.experiment().probe(0).name() == "tcp");
  CHECK(file.experiment().probe(1).name() == "tcp-2");
  REQUIRE(file.experiment().probe(0).when_size() == 1);
  CHECK(file.experiment().probe(0).when(0) == PROBE_MOMENT_CONTINUOUS);
}

TEST_CASE("control: a check that compares with no control arm is written as it can be read again", "[unit][model]") {
  const auto file = read("[[check]]\nkind = \"availability\"\nsilence_max = \"2s\"\n");
  const auto again = read_experiment_text(to_toml(file.experiment()), "again.toml");
  if (!again) FAIL(again.error().message);
  CHECK_FALSE(again->experiment().check(0).availability().has_ok_rate_loss_max());
}
