// The lab's DNS server as a function from queries to answers.
#include "controller/world/lab_names.h"

#include <cstring>

#include "tests/catch/catch.h"

using namespace fracas::controller;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& text) {
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

// One question for `wire`, a name with its lengths, and `type`.
Bytes query(const std::string& wire, char type) {
  return bytes_of(std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12) + wire + std::string("\0\0", 2) +
                  type + std::string("\0\1", 2));
}

const HostNames kNames{{"n1.lab", {.ipv4 = "10.77.0.11", .ipv6 = "fd77::11"}}};

}  // namespace

TEST_CASE("lab names: a known name has its addresses, in whatever case it is asked for", "[unit][controller][world]") {
  const auto answer = answer_query(query("\x02N1\x03lab", 1), kNames);
  REQUIRE(answer);
  CHECK(*answer ==
        bytes_of(std::string("\x12\x34\x85\x00\x00\x01\x00\x01\x00\x00\x00\x00", 12) + "\x02N1\x03lab" +
                 std::string("\0\0\1\0\1", 5) + std::string("\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\x4d\0\x0b", 16)));
  const auto ipv6 = answer_query(query("\x02n1\x03lab", 28), kNames);
  REQUIRE(ipv6);
  CHECK(ipv6->size() == answer->size() + 12);
  CHECK(ipv6->back() == std::byte{0x11});
}

TEST_CASE("lab names: other names do not exist, other types have no records", "[unit][controller][world]") {
  const auto unknown = answer_query(query("\x02n2\x03lab", 1), kNames);
  REQUIRE(unknown);
  CHECK((*unknown)[3] == std::byte{3});
  CHECK((*unknown)[7] == std::byte{0});
  const auto mail = answer_query(query("\x02n1\x03lab", 15), kNames);
  REQUIRE(mail);
  CHECK((*mail)[3] == std::byte{0});
  CHECK((*mail)[7] == std::byte{0});
}

TEST_CASE("lab names: what is no query with one question gets no answer", "[unit][controller][world]") {
  Bytes answer = query("\x02n1\x03lab", 1);
  answer[2] = std::byte{0x81};
  CHECK_FALSE(answer_query(answer, kNames));
  Bytes two = query("\x02n1\x03lab", 1);
  two[5] = std::byte{2};
  CHECK_FALSE(answer_query(two, kNames));
  Bytes cut = query("\x02n1\x03lab", 1);
  for (; !cut.empty(); cut.pop_back()) CHECK_FALSE(answer_query(std::span(cut).first(cut.size() - 1), kNames));
}
