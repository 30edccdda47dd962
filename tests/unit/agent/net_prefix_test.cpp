#include "agent/faults/net_prefix.h"

#include <string>
#include <utility>

#include "tests/catch/catch.h"

using fracas::agent::compile_prefixes;
using fracas::agent::NetPrefix;
using fracas::agent::parse_net_prefix;
using fracas::agent::PrefixClaim;

namespace {

NetPrefix prefix(const char* text) {
  auto parsed = parse_net_prefix(text);
  REQUIRE(parsed);
  return *parsed;
}

PrefixClaim claim(const char* text, unsigned rule) {
  return {prefix(text), {.from = 0, .to = std::uint64_t{1} << rule}};
}

}  // namespace

TEST_CASE("network prefix: IPv4 lies in the mapped range of IPv6", "[unit][agent]") {
  const NetPrefix parsed = prefix("10.1.0.0/16");
  CHECK(parsed.length == 112);
  CHECK(parsed.ipv4);
  CHECK(parsed.address == std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 0});
  CHECK(prefix("10.1.0.7").length == 128);
  CHECK(prefix("0.0.0.0/0").length == 96);
  CHECK(prefix("::ffff:10.1.0.0/112") == parsed);
}

TEST_CASE("network prefix: IPv6 is read with and without a length", "[unit][agent]") {
  CHECK(prefix("fd00::/8").length == 8);
  CHECK_FALSE(prefix("fd00::/8").ipv4);
  CHECK(prefix("fd00::7").length == 128);
  CHECK(prefix("::/0").length == 0);
}

TEST_CASE("network prefix: a mistake gets one precise line", "[unit][agent]") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "\"\" is not an IPv4 or IPv6 prefix such as 10.1.0.0/16 or fd00::/8"},
      {"n1", "\"n1\" is not an IPv4 or IPv6 prefix such as 10.1.0.0/16 or fd00::/8"},
      {"10.1.0", "\"10.1.0\" is not an IPv4 or IPv6 prefix such as 10.1.0.0/16 or fd00::/8"},
      {"10.1.0.0/33", "\"10.1.0.0/33\": an IPv4 prefix has 0 to 32 bits"},
      {"10.1.0.0/", "\"10.1.0.0/\": an IPv4 prefix has 0 to 32 bits"},
      {"10.1.0.0/-1", "\"10.1.0.0/-1\": an IPv4 prefix has 0 to 32 bits"},
      {"10.1.0.0/8x", "\"10.1.0.0/8x\": an IPv4 prefix has 0 to 32 bits"},
      {"fd00::/129", "\"fd00::/129\": an IPv6 prefix has 0 to 128 bits"},
      {"10.1.0.1/16", "\"10.1.0.1/16\": bits are set behind the first 16"},
      {"fd00::1/64", "\"fd00::1/64\": bits are set behind the first 64"},
  };
  for (const auto& [text, message] : cases) {
    auto parsed = parse_net_prefix(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == message);
  }
}

TEST_CASE("prefix table: an entry has the rules of every prefix around it", "[unit][agent]") {
  const auto table = compile_prefixes({claim("10.0.0.0/8", 0), claim("10.1.0.0/16", 1), claim("10.1.2.3", 2),
                                       claim("10.2.0.0/16", 3), claim("10.1.2.3", 63)});
  CHECK(table.size() == 4);
  CHECK(table.at(prefix("10.0.0.0/8")).to == 0b1);
  CHECK(table.at(prefix("10.1.0.0/16")).to == 0b11);
  CHECK(table.at(prefix("10.2.0.0/16")).to == 0b1001);
  CHECK(table.at(prefix("10.1.2.3")).to == (0b111 | std::uint64_t{1} << 63));
}

TEST_CASE("prefix table: IPv6 prefixes do not cover IPv4 addresses", "[unit][agent]") {
  const auto table = compile_prefixes({claim("::/0", 0), claim("10.0.0.0/8", 1), claim("fd00::/8", 2)});
  CHECK(table.size() == 4);
  CHECK(table.at(prefix("0.0.0.0/0")).to == 0);  // a look-up of 11.0.0.1 ends here, not at ::/0
  CHECK(table.at(prefix("10.0.0.0/8")).to == 0b10);
  CHECK(table.at(prefix("fd00::/8")).to == 0b101);
  CHECK(compile_prefixes({claim("::/0", 0), claim("0.0.0.0/0", 1)}).at(prefix("0.0.0.0/0")).to == 0b10);
  CHECK(compile_prefixes({claim("fd00::/8", 2)}).size() == 1);
  CHECK(compile_prefixes({}).empty());
}

TEST_CASE("prefix table: what comes and what goes are told apart, and both are inherited", "[unit][agent]") {
  const auto table = compile_prefixes({{prefix("10.0.0.0/8"), {.from = 1}}, {prefix("10.1.2.3"), {.to = 2}}});
  CHECK(table.at(prefix("10.0.0.0/8")) == fracas::agent::PrefixRules{.from = 1, .to = 0});
  CHECK(table.at(prefix("10.1.2.3")) == fracas::agent::PrefixRules{.from = 1, .to = 2});
}
