#include "lib/model/net_flows.h"

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/signal_number.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::model;

namespace {

Result<ExperimentFile> read(const std::string& keys) {
  return read_experiment_text(
      "name = \"t\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\n[[fault]]\n" +
          keys,
      "t.toml");
}

}  // namespace

TEST_CASE("net flows: ports and ranges are read", "[unit][model]") {
  CHECK(parse_port_range("80") == PortRange{.first = 80, .last = 80});
  CHECK(parse_port_range("9000-9100") == PortRange{.first = 9000, .last = 9100});
  CHECK(parse_port_range("1-65535") == PortRange{.first = 1, .last = 65535});
  for (const char* text : {"", "0", "65536", "http", "80-", "-80", "80-79", "1-2-3", " 80", "+80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_port_range(text));
  }
}

TEST_CASE("net flows: their keys stand in the fault's own table, with defaults", "[unit][model]") {
  const auto file = read(
      "kind = \"net.loss\"\nloss = \"5%\"\nto = \"n2\"\nports = [\"7000\", \"8000-8100\"]\nprotocol = \"tcp\"\nshare = "
      "\"30%\"\n");
  INFO((file ? "" : file.error().message));
  REQUIRE(file);
  const FaultSpec& fault = file->experiment().fault(0);
  REQUIRE(flows_of(fault) != nullptr);
  CHECK(flows_of(fault)->ports(1) == "8000-8100");
  CHECK(flows_of(fault)->protocol() == PROTOCOL_TCP);
  CHECK(flows_of(fault)->share() == Approx(0.3));
  CHECK(*peers_of(fault) == "n2");
  CHECK(describe_flows(*flows_of(fault)) == " tcp ports 7000,8000-8100 30% of connections");

  const auto plain = read("kind = \"net.partition\"\n");
  REQUIRE(plain);
  CHECK(flows_of(plain->experiment().fault(0))->share() == 1);
  CHECK(peers_of(plain->experiment().fault(0)) == nullptr);
  CHECK(describe_flows(*flows_of(plain->experiment().fault(0))).empty());
  CHECK(flows_of(read("kind = \"process.pause\"\n")->experiment().fault(0)) == nullptr);
}

TEST_CASE("net flows: written and read again they are the same", "[unit][model]") {
  const auto file =
      read("kind = \"net.delay\"\ndelay = \"5ms\"\nports = [\"7000\"]\nprotocol = \"udp\"\nshare = 0.5\n");
  REQUIRE(file);
  const auto again = read_experiment_text(to_toml(file->experiment()), "again.toml");
  INFO((again ? "" : again.error().message));
  REQUIRE(again);
  CHECK(again->experiment().SerializeAsString() == file->experiment().SerializeAsString());
}

TEST_CASE("net flows: addresses and prefixes of both families are read", "[unit][model]") {
  for (const char* text : {"10.20.0.7", "10.20.0.0/16", "0.0.0.0/0", "10.0.0.1/32", "fd00::66", "fd00::/8", "::/0"}) {
    CAPTURE(text);
    CHECK(check_prefix(text));
  }
  for (const char* text : {"", "/8", "10.20.0", "10.20.0.0/33", "10.20.0.0/", "10.20.0.0/x", "10.20.0.0/15.5",
                           "10.20.0.7/16", "fd00::/129", "fd00::1/64", "db.example.com", "10.0.0.1/-1"}) {
    CAPTURE(text);
    CHECK_FALSE(check_prefix(text));
  }
}

TEST_CASE("net flows: addresses take the place of the hosts at the other end, or are refused", "[unit][model]") {
  for (const std::string kind :
       {"\"net.loss\"\nloss = \"5%\"\n", "\"net.delay\"\ndelay = \"5ms\"\ndirection = \"in\"\n", "\"net.reset\"\n",
        "\"net.connect\"\n", "\"net.dns\"\nnames = [\"*\"]\n",
        "\"net.partition\"\nshape = \"isolate\"\non = \"n1\"\n"}) {
    const auto file = read("kind = " + kind + "prefixes = [\"10.20.0.0/16\", \"fd00::66\"]\n");
    INFO(kind << (file ? "" : file.error().message));
    REQUIRE(file);
    CHECK(describe_flows(*flows_of(file->experiment().fault(0))) == " to 10.20.0.0/16,fd00::66");
  }
  for (const auto& [keys, message] : std::vector<std::pair<std::string, std::string>>{
           {"kind = \"net.loss\"\nloss = \"5%\"\nto = \"n2\"\nprefixes = [\"10.20.0.0/16\"]\n",
            "t.toml:11:12: `to` names hosts already"},
           {"kind = \"net.partition\"\nprefixes = [\"10.20.0.0/16\"]\n", "t.toml:9:12: of the shapes only isolate"},
           {"kind = \"net.reset\"\nprefixes = [\"10.0.0.1\", \"10.20.0.1/16\"]\n",
            "t.toml:9:25: prefix \"10.20.0.1/16\""},
           {"kind = \"process.pause\"\nprefixes = [\"10.20.0.0/16\"]\n", "unknown key \"prefixes\""}}) {
    const auto file = read(keys);
    REQUIRE_FALSE(file);
    INFO(file.error().message);
    CHECK(file.error().message.find(message) != std::string::npos);
  }
}

TEST_CASE("net flows: what leaves is held or broken unless `direction` says otherwise", "[unit][model]") {
  for (const std::string kind : {"\"net.delay\"\ndelay = \"5ms\"\n", "\"net.reorder\"\nreorder = \"5%\"\n",
                                 "\"net.bandwidth\"\nrate = \"1MB\"\n", "\"net.corrupt\"\ncorrupt = \"5%\"\n"}) {
    CAPTURE(kind);
    const auto plain = read("kind = " + kind);
    const auto arriving = read("kind = " + kind + "direction = \"in\"\n");
    REQUIRE(plain);
    REQUIRE(arriving);
    CHECK(direction_of(plain->experiment().fault(0)) == DIRECTION_OUT);
    CHECK(direction_of(arriving->experiment().fault(0)) == DIRECTION_IN);
    const auto again = read_experiment_text(to_toml(arriving->experiment()), "again.toml");
    REQUIRE(again);
    CHECK(direction_of(again->experiment().fault(0)) == DIRECTION_IN);
    const auto refused = read("kind = " + kind + "direction = \"both\"\ntarget_only = true\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("what arrives belongs to no process yet") != std::string::npos);
    CHECK(read("kind = " + kind + "target_only = true\n"));
  }
  CHECK_FALSE(direction_of(read("kind = \"net.reset\"\n")->experiment().fault(0)).has_value());
}

TEST_CASE("process.kill: every signal that ends a process has a name or, if it is a real-time one, a number",
          "[unit][model]") {
  const auto number_of = [](const std::string& keys) -> std::optional<int> {
    const auto file = read("kind = \"process.kill\"\n" + keys);
    if (!file) return std::nullopt;
    return signal_number(file->experiment().fault(0).process_kill());
  };
  CHECK(number_of("") == SIGKILL);
  CHECK(number_of("signal = \"usr1\"\n") == SIGUSR1);
  CHECK(number_of("signal = \"poll\"\n") == SIGPOLL);
  CHECK(number_of("number = 34\n") == 34);
  CHECK(number_of("number = 64\nsignal = \"term\"\n") == 64);
  for (const char* wrong : {"number = 9\n", "number = 33\n", "number = 65\n", "signal = \"stop\"\n"}) {
    CAPTURE(wrong);
    CHECK_FALSE(number_of(wrong));
  }
  // Whatever the model can say, this system can send.
  for (int value = 0; value < Signal_ARRAYSIZE; ++value) {
    CAPTURE(value);
    ProcessKill kill;
    kill.set_signal(static_cast<Signal>(value));
    CHECK(signal_number(kill).has_value());
  }
}

TEST_CASE("net flows: mistakes are named at their place", "[unit][model]") {
  const auto [keys, message] = GENERATE(table<std::string, std::string>({
      {"ports = [\"0\"]\n", "t.toml:9:9: \"0\" is neither a port"},
      {"ports = [\"90-80\"]\n", "t.toml:9:9: the port range \"90-80\" ends before it starts"},
      {"ports = [\"http\"]\n", "must match"},
      {"ports = [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]\n", "at most 8"},
      {"ports = [\"7\"]\nprotocol = \"icmp\"\n", "icmp has no ports"},
      {"share = \"0%\"\n", "share"},
      {"portz = [\"7\"]\n", "did you mean \"ports\""},
      {"flows = {}\n", "unknown key \"flows\""},
  }));
  CAPTURE(keys);
  const auto file = read("kind = \"net.partition\"\n" + keys);
  REQUIRE_FALSE(file);
  INFO(file.error().message);
  CHECK(file.error().message.find(message) != std::string::npos);
}
