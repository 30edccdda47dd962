#include "lib/base/quantity.h"

#include <fmt/format.h>

#include "tests/catch/catch.h"

using namespace std::chrono_literals;
using fracas::Duration;

TEST_CASE("quantity: durations are read in every unit and in sums", "[unit][base]") {
  const std::pair<const char*, Duration> cases[] = {{"10ns", 10ns},   {"250us", 250us},      {"20ms", 20ms},
                                                    {"1.5s", 1500ms}, {"2m", 2min},          {"1h30m", 90min},
                                                    {"0s", 0s},       {".5s", 500ms},        {"1s1ns", 1000000001ns},
                                                    {"24h", 24h},     {"2500000h", 2500000h}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto read = fracas::parse_duration(text);
    REQUIRE(read.has_value());
    CHECK(*read == expected);
  }
}

TEST_CASE("quantity: what is no duration is refused", "[unit][base]") {
  for (const char* text :
       {"", "20", "-5ms", "5 ms", "5msec", "ms", "5MS", "1.2.3s", "1s ", "1e3s", "1d", "5%", "300000000h"}) {
    CAPTURE(text);
    CHECK_FALSE(fracas::parse_duration(text).has_value());
  }
  CHECK(fracas::parse_duration("20").error().message ==
        "\"20\" is not a duration; write it like \"20ms\", \"1.5s\" or \"2m\"");
}

TEST_CASE("quantity: an offset is a duration with a sign or none", "[unit][base]") {
  CHECK(fracas::parse_offset("-1.5s") == -1500ms);
  CHECK(fracas::parse_offset("+20ms") == 20ms);
  CHECK(fracas::parse_offset("1m") == 1min);
  for (const char* text : {"", "-", "--1s", "+-1s", "- 1s", "-5"}) CHECK_FALSE(fracas::parse_offset(text).has_value());
}

TEST_CASE("quantity: a formatted duration reads back as itself", "[unit][base]") {
  CHECK(fracas::format_duration(1500ms) == "1500ms");
  CHECK(fracas::format_duration(0s) == "0s");
  CHECK(fracas::format_duration(2min) == "120s");
  for (const Duration duration :
       {Duration(1), Duration(999'999'999), Duration(1'000'001), Duration(5h), Duration(1us)}) {
    CAPTURE(duration.count());
    CHECK(fracas::parse_duration(fracas::format_duration(duration)).value() == duration);
  }
}

TEST_CASE("quantity: people see three digits of a duration", "[unit][base]") {
  CHECK(fracas::describe_duration(1534ms) == "1.53s");
  CHECK(fracas::describe_duration(20100us) == "20.1ms");
  CHECK(fracas::describe_duration(1500ns) == "1.5us");
  CHECK(fracas::describe_duration(7ns) == "7ns");
  CHECK(fracas::describe_duration(999900us) == "1s");
  CHECK(fracas::describe_duration(90s) == "1.5min");
}

TEST_CASE("quantity: shares are percentages or fractions up to one", "[unit][base]") {
  CHECK(fracas::parse_probability("40%").value() == 0.4);
  CHECK(fracas::parse_probability("0.4").value() == 0.4);
  CHECK(fracas::parse_probability("0%").value() == 0);
  CHECK(fracas::parse_probability("100%").value() == 1);
  CHECK(fracas::parse_probability("0.0001%").value() == Approx(1e-6));
  for (const char* text : {"", "%", "101%", "1.1", "-1%", "5 %", "5%%", "half", "0,4"}) {
    CAPTURE(text);
    CHECK_FALSE(fracas::parse_probability(text).has_value());
  }
}

TEST_CASE("quantity: rates are events a second", "[unit][base]") {
  CHECK(fracas::parse_rate("500/s").value() == 500);
  CHECK(fracas::parse_rate("30/m").value() == 0.5);
  CHECK(fracas::parse_rate("3600/h").value() == 1);
  CHECK(fracas::parse_rate("1/ms").value() == Approx(1000));
  for (const double rate : {0.1, 200.3, 1.0 / 3, 19999.999}) {
    CAPTURE(rate);
    CHECK(fracas::parse_rate(fmt::format("{}/s", rate)).value() == rate);
  }
  for (const char* text : {"", "500", "0/s", "-1/s", "500/", "/s", "500/day", "500/s/s", "500 /s"}) {
    CAPTURE(text);
    CHECK_FALSE(fracas::parse_rate(text).has_value());
  }
}

TEST_CASE("quantity: sizes tell decimal from binary units", "[unit][base]") {
  CHECK(fracas::parse_bytes("512B").value() == 512);
  CHECK(fracas::parse_bytes("64KiB").value() == 65536);
  CHECK(fracas::parse_bytes("10MB").value() == 10'000'000);
  CHECK(fracas::parse_bytes("1.5GiB").value() == 1610612736);
  CHECK(fracas::parse_bytes("2TiB").value() == 2199023255552);
  for (const char* text : {"", "64", "64K", "64kb", "-1B", "1 MB", "MB", "10000000TiB"}) {
    CAPTURE(text);
    CHECK_FALSE(fracas::parse_bytes(text).has_value());
  }
}
