// Which names a pattern means, and the table that finds all rules of a name by its longest prefix.
#include "agent/faults/dns_names.h"

#include <algorithm>

#include "agent/bpf/net.abi.h"
#include "tests/catch/catch.h"

using namespace fracas::agent;

namespace {

DnsPattern pattern(const std::string& text) {
  auto parsed = parse_dns_pattern(text);
  INFO(text << (parsed ? std::string() : ": " + parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

// As the classifier looks a name up.
std::uint64_t find(const std::map<DnsKey, std::uint64_t>& table, const std::string& name) {
  DnsKey key = pattern(name).name;
  key.push_back(FRACAS_NET_DNS_WHOLE);
  std::uint64_t rules = 0;
  std::size_t longest = 0;
  for (const auto& [entry, bits] : table) {
    if (entry.size() > key.size() || entry.size() < longest) continue;
    if (!std::equal(entry.begin(), entry.end(), key.begin())) continue;
    longest = entry.size();
    rules = bits;
  }
  return rules;
}

}  // namespace

TEST_CASE("dns names: a name is reversed, in lower case, with its lengths", "[unit][agent]") {
  CHECK(pattern("Db.Co").name == DnsKey{0, 'o', 'c', 2, 'b', 'd', 2});
  CHECK(pattern("db.co.").name == pattern("DB.CO").name);
  CHECK_FALSE(pattern("db.co").below);
  CHECK(pattern("*.co").below);
  CHECK(pattern("*.co").name == DnsKey{0, 'o', 'c', 2});
  CHECK(pattern("*").name == DnsKey{0});
}

TEST_CASE("dns names: one look-up finds every rule that covers a name", "[unit][agent]") {
  const auto table = compile_dns_names({{pattern("*"), 0},
                                        {pattern("*.example.com"), 1},
                                        {pattern("example.com"), 2},
                                        {pattern("db.example.com"), 3},
                                        {pattern("*.db.example.com"), 4}});
  CHECK(find(table, "org") == 0b00001);
  CHECK(find(table, "example.com") == 0b00101);
  CHECK(find(table, "www.example.com") == 0b00011);
  CHECK(find(table, "db.example.com") == 0b01011);
  CHECK(find(table, "a.db.example.com") == 0b10011);
  CHECK(find(table, "a.b.db.example.com") == 0b10011);
  CHECK(find(table, "xexample.com") == 0b00001);
  CHECK(find(table, "example.com.org") == 0b00001);
}

TEST_CASE("dns names: without a pattern above it a name has the rules that name it alone", "[unit][agent]") {
  const auto table = compile_dns_names({{pattern("a.example.com"), 7}});
  CHECK(find(table, "a.example.com") == 1U << 7U);
  CHECK(find(table, "b.a.example.com") == 0);
  CHECK(find(table, "example.com") == 0);
}

TEST_CASE("dns names: what is no name is refused with the reason", "[unit][agent]") {
  const std::string label(64, 'a');
  const std::pair<std::string, std::string> mistakes[] = {
      {"", "\"\" is no DNS name: it is empty"},
      {"*.", "\"*.\" is no DNS name: it is empty"},
      {".com", "\".com\" is no DNS name: a part of it is empty"},
      {"a..com", "\"a..com\" is no DNS name: a part of it is empty"},
      {"a.*.com", "\"a.*.com\" is no DNS name: its parts are of letters, digits, \"-\" and \"_\""},
      {label, "\"" + label + "\" is no DNS name: a part of it is longer than 63 bytes"},
  };
  for (const auto& [text, message] : mistakes) {
    const auto parsed = parse_dns_pattern(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == message);
  }
  std::string longest(63, 'a');
  for (int i = 0; i < 3; ++i) longest += "." + std::string(i == 2 ? 61 : 63, 'b');
  CHECK(longest.size() == 253);
  CHECK(pattern(longest).name.size() == 255);
  CHECK_FALSE(parse_dns_pattern(longest + "c"));
}
