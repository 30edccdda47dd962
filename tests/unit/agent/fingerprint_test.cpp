#include "agent/fingerprint.h"

#include "tests/catch/catch.h"

using fracas::agent::compare_fingerprints;
using Lines = std::vector<std::string>;

TEST_CASE("fingerprint: equal ones differ in nothing", "[unit][agent]") {
  const Lines lines = {"namespace 1", "link eth0 veth", "qdisc eth0 noqueue 0 0"};
  CHECK(compare_fingerprints(lines, lines).empty());
}

TEST_CASE("fingerprint: what came and what went is named", "[unit][agent]") {
  const Lines before = {"namespace 1", "link eth0 veth", "qdisc eth0 fq 1 0"};
  const Lines now = {"namespace 1", "link eth0 veth", "link fd0 tun"};
  CHECK(compare_fingerprints(before, now) == Lines{"new: link fd0 tun", "missing: qdisc eth0 fq 1 0"});
}

TEST_CASE("fingerprint: those of two namespaces are not compared", "[unit][agent]") {
  CHECK(compare_fingerprints({"namespace 1", "link a"}, {"namespace 2", "link b"}).empty());
  CHECK(compare_fingerprints({}, {"namespace 2"}).empty());
}

TEST_CASE("fingerprint: lines read back as they were joined", "[unit][agent]") {
  const Lines lines = {"namespace 1", "link eth0 veth"};
  CHECK(fracas::agent::split_lines(fracas::agent::join_lines(lines)) == lines);
}
