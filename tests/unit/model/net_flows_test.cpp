#include "lib/model/net_flows.h"

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
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
