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
      R"(scope {to: "::/0" services: "raft"} net_loss {loss: 0.2 flows {target_only: true}})",
      R"(scope {services: "raft"} process_pause {})", R"(process_pause {processes {name: "etcd*"}})",
      R"(process_kill {processes {listen: 2379} signal: SIGNAL_TERM})", R"(clock_drift {ppm: 5 processes {pid: 7}})",
      R"(clock_skew {offset: "1s" system: true})",
      R"(syscall_error {calls: "fsync" error: "EIO" share: 1 processes {pid: 7}})",
      R"(process_crash_point {number: 1 processes {cgroup: "a"}})",
      R"(scope {to: "::/0"} net_connect {flows {share: 1 senders {container: "3f2a"}}})",
      R"(scope {to: "::/0"} net_loss {loss: 0.2 flows {senders {cgroup: "a"}}})",
      R"(scope {services: "raft"} clock_skew {offset: "-1h" system: true})",
      R"(scope {services: "raft"} clock_drift {ppm: -100000 clocks: CLOCKS_BOTH system: true})",
      R"(scope {services: "raft"} process_kill {signal: SIGNAL_TERM restart_after {seconds: 2}})",
      R"(scope {services: "raft"} process_kill {signal: SIGNAL_XFSZ})",
      R"(scope {services: "raft"} process_kill {number: 64})",
      R"(scope {from: "fd00::/8" to: "10.0.0.0/8"} net_bandwidth {rate: 1000})",
      R"(scope {services: "raft"} clock_skew {offset: "-90s"})",
      R"(scope {services: "raft"} disk_throttle {files: "*" call_rate: 10})",
      R"(scope {services: "raft"} disk_corrupt {files: "wal*" share: 0.1 stuck: true})",
      R"(scope {services: "raft"} process_oom {spare: 4096})",
      R"(scope {services: "raft"} syscall_error {calls: "fsync" error: "EIO" share: 1})",
      R"(scope {services: "raft"} syscall_delay {calls: "read" calls: "write" delay {seconds: 60} share: 0.5})");
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
      {R"(scope {services: "raft"} clock_skew {offset: "1s" clocks: CLOCKS_BOTH system: true})", "cannot jump"},
      {R"(scope {services: "raft"} clock_drift {ppm: 100 system: true})", "drift together"},
      {R"(scope {services: "raft"} clock_drift {ppm: 100001 clocks: CLOCKS_BOTH system: true})", "100000 ppm"},
      {R"(scope {services: "raft"} clock_strobe {first: "0s" second: "1s" period {nanos: 9000000} system: true})",
       "10ms"},
      {R"(process_pause {})", "no service"},
      {R"(scope {services: "raft"} process_pause {processes {name: "etcd"}})", "names services and chooses processes"},
      {R"(process_pause {processes {}})", "exactly one of"},
      {R"(process_pause {processes {name: "*"}})", "everything"},
      {R"(process_kill {processes {pid: 1}})", "process 1"},
      {R"(process_kill {processes {name: "a"} restart_after {seconds: 1}})", "restart_after is for services"},
      {R"(process_crash_point {number: 1 processes {pid: 7} restart_after {seconds: 1}})",
       "restart_after is for services"},
      {R"(clock_skew {offset: "1s" system: true processes {pid: 7}})", "the machine's clock"},
      {R"(scope {to: "::/0"} net_loss {loss: 1 flows {senders {pid: 7}}})", "cgroup or container"},
      {R"(scope {from: "::/0"} net_loss {loss: 1 flows {senders {cgroup: "a"}}})", "no sender here yet"},
      {R"(scope {to: "::/0"} net_connect {flows {share: 1 senders {name: "a"}}})", "cgroup or container"},
      {R"(scope {to: "::/0"} net_reset {flows {senders {cgroup: "a"}}})", "the whole host"},
      {R"(process_kill {})", "no service"},
      {R"(scope {services: "raft"} process_kill {restart_after {}})", "restart_after"},
      {R"(scope {services: "raft"} process_kill {restart_after {seconds: 3601}})", "restart_after"},
      {R"(scope {from: "::/0"} net_duplicate {duplicate: 1.5})", "1.5"},
      {R"(scope {to: "::/0"} net_corrupt {})", "share of 0"},
      {R"(scope {to: "::/0"} net_reorder {reorder: 0.5})", "delay"},
      {R"(scope {to: "::/0"} net_bandwidth {rate: 999})", "999"},
      {R"(scope {to: "::/0"} net_reset {flows {ports: "70000"}})", "70000"},
      {R"(scope {to: "::/0"} net_connect {flows {share: 1}})", "no service"},
      {R"(scope {from: "::/0" services: "raft"} net_loss {loss: 1})", "no sender here yet"},
      {R"(scope {to: "::/0"} net_reset {flows {protocol: PROTOCOL_UDP}})", "TCP"},
      {R"(scope {to: "::/0" services: "raft"} net_connect {flows {protocol: PROTOCOL_UDP}})", "TCP"},
      {R"(scope {services: "raft"} net_dns {names: "*"})", "neither"},
      {R"(scope {to: "::/0"} net_dns {names: "a..b"})", "a..b"},
      {R"(scope {to: "::/0"} net_dns {names: "*" answer: ANSWER_ADDRESS})", "needs one of them"},
      {R"(scope {to: "::/0"} net_dns {names: "*" flows {protocol: PROTOCOL_ICMP}})", "UDP and TCP"},
      {R"(scope {services: "raft"} clock_skew {offset: "0s"})", "shifts nothing"},
      {R"(scope {services: "raft"} clock_skew {offset: "soon"})", "soon"},
      {R"(scope {services: "raft"} clock_skew {offset: "4s" clocks: CLOCKS_BOTH})", "3s"},
      {R"(scope {services: "raft"} clock_drift {ppm: -2000000})", "-1000000"},
      {R"(scope {services: "raft"} clock_strobe {first: "0s" second: "1s"})", "period"},
      {R"(scope {services: "raft"} cpu_throttle {cpu: 2})", "1% to 100%"},
      {R"(scope {services: "raft"} cpu_throttle {cpu: 0.01 period {nanos: 50000000}})", "1ms"},
      {R"(scope {services: "raft"} cpu_stress {workers: 257 load: 1})", "256"},
      {R"(scope {services: "raft"} cpu_stress {workers: 1 load: nan})", "load"},
      {R"(scope {services: "raft"} memory_pressure {size: 1})", "4KiB"},
      {R"(scope {services: "raft"} io_stress {workers: 1 size: 4096 rate: -1})", "rate"},
      {R"(scope {services: "raft"} fd_exhaust {spare: 100001})", "100000"},
      {R"(scope {services: "raft"} pid_exhaust {spare: 100001})", "100000"},
      {R"(scope {services: "raft"} process_crash_point {})", "counts from 1"},
      {R"(scope {services: "raft"} process_restart {grace {seconds: -1}})", "grace"},
      {R"(scope {services: "raft"} process_restart {down {seconds: 3601}})", "down"},
      {R"(scope {services: "raft"} process_oom {restart_after {}})", "restart_after"},
      {R"(scope {services: "raft" services: "other"} process_oom {})", "exactly one"},
      {R"(scope {services: "raft"} disk_error {share: 1})", "pattern"},
      {R"(scope {services: "raft" services: "other"} disk_error {files: "*" share: 1})", "exactly one"},
      {R"(scope {services: "raft"} disk_delay {files: "*" share: 1 delay {seconds: 61}})", "60s"},
      {R"(scope {services: "raft"} disk_corrupt {files: "*"})", "share"},
      {R"(scope {services: "raft"} disk_throttle {files: "*"})", "does nothing"},
      {R"(scope {services: "raft"} disk_throttle {files: "*" rate: 10})", "1000"},
      {R"(scope {services: "raft"} syscall_error {error: "EIO" share: 1})", "no system call is chosen"},
      {R"(scope {services: "raft"} syscall_error {calls: "fsink" error: "EIO" share: 1})", "fsink"},
      {R"(scope {services: "raft"} syscall_error {calls: "exit_group" error: "EIO" share: 1})", "cannot be disturbed"},
      {R"(scope {services: "raft"} syscall_error {calls: "fsync" error: "EGRAVITY" share: 1})", "EGRAVITY"},
      {R"(scope {services: "raft"} syscall_error {calls: "fsync" error: "EIO"})", "share"},
      {R"(scope {services: "raft"} syscall_delay {calls: "fsync" share: 1})", "does nothing"},
      {R"(syscall_delay {calls: "fsync" share: 1 delay {seconds: 1}})", "no service"},
  }));
  CHECK(complaint(text).find(word) != std::string::npos);
}

TEST_CASE("fault checks: no kind accepts an order that says nothing", "[unit][agent]") {
  const auto* kinds = model::Injection::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) CHECK_FALSE(complaint(kinds->field(i)->name() + " {}").empty());
}

TEST_CASE("fault checks: a signal of a newer controller is refused", "[unit][agent]") {
  model::Injection injection;
  injection.mutable_scope()->add_services("raft");
  injection.mutable_process_kill()->set_signal(static_cast<model::Signal>(99));
  CHECK(kind_of(injection)->check(injection).error().message == "process.kill: unknown signal 99");
}
