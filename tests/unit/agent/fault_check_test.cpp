// What each kind refuses, from the message alone.
#include <google/protobuf/text_format.h>

#include <cerrno>

#include "agent/catalogue.h"
#include "lib/model/agent.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

namespace {

// The injection written in protobuf's text format.
std::string complaint(const std::string& text) {
  CAPTURE(text);
  model::Injection injection;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &injection));
  const FaultKind* kind = kind_of(injection);
  REQUIRE(kind != nullptr);
  const auto valid = kind->check(injection);
  if (valid) return "";
  CHECK(valid.error().code == EINVAL);
  CHECK(valid.error().message.starts_with(kind->name));
  return valid.error().message;
}

}  // namespace

TEST_CASE("fault checks: what can be done is accepted", "[unit][agent]") {
  const auto text = GENERATE(
      as<std::string>(), R"(scope {from: "::/0"} net_partition {})", R"(scope {from: "10.0.0.1"} net_loss {loss: 0.2})",
      R"(scope {from: "::/0"} net_partition {flows {ports: "1-9" protocol: PROTOCOL_TCP share: 0.5}})",
      R"(scope {to: "10.0.0.1"} net_delay {delay {nanos: 40000000} jitter {nanos: 40000000}})",
      R"(scope {services: "raft"} process_pause {})",
      R"(scope {services: "raft"} process_kill {signal: SIGNAL_TERM restart_after {seconds: 2}})");
  CHECK(complaint(text).empty());
}

TEST_CASE("fault checks: what cannot is refused by name", "[unit][agent]") {
  const auto [text, word] = GENERATE(table<std::string, std::string>({
      {R"(net_partition {})", "neither"},
      {R"(scope {from: "::/0"} net_partition {flows {ports: "80-79"}})", "80-79"},
      {R"(scope {from: "::/0"} net_partition {flows {ports: "0"}})", "1 to 65535"},
      {R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "80" protocol: PROTOCOL_ICMP}})", "no ports"},
      {R"(scope {from: "::/0"} net_loss {loss: 1 flows {share: 1.5}})", "share 1.5"},
      {R"(scope {services: "raft"} net_loss {loss: 1})", "neither"},
      {R"(scope {from: "::/0"} net_loss {loss: -0.1})", "-0.1"},
      {R"(scope {from: "::/0"} net_loss {loss: 1.1})", "1.1"},
      {R"(scope {from: "::/0"} net_loss {loss: 0})", "does nothing"},
      {R"(scope {from: "::/0"} net_loss {loss: nan})", "nan"},
      {R"(scope {to: "::/0"} net_delay {})", "does nothing"},
      {R"(scope {to: "::/0"} net_delay {delay {seconds: 61}})", "60s"},
      {R"(scope {to: "::/0"} net_delay {delay {seconds: 9223372036854775807}})", "60s"},
      {R"(scope {to: "::/0"} net_delay {delay {nanos: 10000000} jitter {nanos: 11000000}})", "jitter"},
      {R"(process_pause {})", "no service"},
      {R"(process_kill {})", "no service"},
      {R"(scope {services: "raft"} process_kill {restart_after {}})", "restart_after"},
      {R"(scope {services: "raft"} process_kill {restart_after {seconds: 3601}})", "restart_after"},
  }));
  CHECK(complaint(text).find(word) != std::string::npos);
}

TEST_CASE("fault checks: a signal of a newer controller is refused", "[unit][agent]") {
  model::Injection injection;
  injection.mutable_scope()->add_services("raft");
  injection.mutable_process_kill()->set_signal(static_cast<model::Signal>(99));
  CHECK(kind_of(injection)->check(injection).error().message == "process.kill: unknown signal 99");
}
