#include <google/protobuf/util/time_util.h>

#include <csignal>

#include "controller/world/injection_wire.h"
#include "lib/model/agent.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;
using namespace std::chrono_literals;
using google::protobuf::util::TimeUtil;

TEST_CASE("injection: a network fault reaches the wire whole", "[unit][controller][world]") {
  model::Injection message;
  REQUIRE(to_wire(NetInjection{.fault = NetFault::delay,
                               .from = {"10.77.0.11/32"},
                               .to = {"10.77.0.12/32", "fd77::12/128"},
                               .loss = 0.25,
                               .delay = 40ms,
                               .jitter = 1500us,
                               .seed = 7},
                  message));
  REQUIRE(message.has_net_delay());
  const model::NetRule& rule = message.net_delay();
  CHECK(rule.from_size() == 1);
  CHECK(rule.to(1) == "fd77::12/128");
  CHECK(rule.loss() == 0.25);
  CHECK(TimeUtil::DurationToNanoseconds(rule.delay()) == 40'000'000);
  CHECK(TimeUtil::DurationToNanoseconds(rule.jitter()) == 1'500'000);
  CHECK(rule.seed() == 7);
}

TEST_CASE("injection: each fault has its own place on the wire", "[unit][controller][world]") {
  const std::vector<std::pair<Injection, model::Injection::KindCase>> cases{
      {NetInjection{.fault = NetFault::partition}, model::Injection::kNetPartition},
      {NetInjection{.fault = NetFault::loss}, model::Injection::kNetLoss},
      {NetInjection{.fault = NetFault::delay}, model::Injection::kNetDelay},
      {ProcessInjection{.fault = ProcessFault::kill}, model::Injection::kProcessKill},
      {ProcessInjection{.fault = ProcessFault::pause}, model::Injection::kProcessPause}};
  for (const auto& [injection, expected] : cases) {
    model::Injection message;
    REQUIRE(to_wire(injection, message));
    CHECK(message.kind_case() == expected);
  }
}

TEST_CASE("injection: an absent restart stays absent, a signal keeps its meaning, others are refused",
          "[unit][controller][world]") {
  model::Injection absent;
  REQUIRE(to_wire(ProcessInjection{.services = {"node"}, .signal = SIGTERM}, absent));
  CHECK_FALSE(absent.process_kill().has_restart_after());
  CHECK(absent.process_kill().signal() == model::SIGNAL_TERM);
  CHECK(absent.process_kill().services(0) == "node");

  model::Injection present;
  REQUIRE(to_wire(ProcessInjection{.restart_after = 0ns}, present));
  CHECK(present.process_kill().has_restart_after());

  model::Injection refused;
  CHECK(to_wire(ProcessInjection{.signal = SIGUSR1}, refused).error().message == "signal 10 cannot be injected");
}
