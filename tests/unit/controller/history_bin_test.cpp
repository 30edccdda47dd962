#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "controller/report/history_bin.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

model::Event event(std::int64_t ms, const char* process, model::EventType type, model::Function function,
                   model::Value value = {}) {
  model::Event made;
  made.time_ns = ms * 1'000'000;
  made.process = process;
  made.type = type;
  made.function = function;
  made.key = "k1";
  made.value = std::move(value);
  return made;
}

template <typename Number>
Number at(const std::string& bytes, std::size_t place) {
  Number number{};
  REQUIRE(place + sizeof number <= bytes.size());
  std::memcpy(&number, bytes.data() + place, sizeof number);
  return number;
}

}  // namespace

TEST_CASE("history.bin: operations are columns in the order of their starts, aligned, with interned texts",
          "[unit][controller]") {
  using model::EventType;
  using model::Function;
  HistoryColumns columns(1'000'000'000);
  columns.add(event(1000, "a", EventType::invoke, Function::write, std::int64_t{7}));
  columns.add(event(1001, "b", EventType::invoke, Function::read));
  columns.add(event(1004, "b", EventType::ok, Function::read, std::int64_t{7}));
  columns.add(event(1005, "a", EventType::ok, Function::write, std::int64_t{7}));
  columns.add(event(1006, "c", EventType::invoke, Function::read));
  columns.add(event(1007, "b", EventType::invoke, Function::read));
  columns.add(event(1008, "c", EventType::info, Function::read));
  columns.add(event(1009, "b", EventType::fail, Function::read));
  columns.add(event(1010, "stranger", EventType::ok, Function::read));
  const std::string bytes = columns.bytes();
  CHECK(bytes.substr(0, 4) == "FRH1");
  CHECK(at<std::uint32_t>(bytes, 4) == 4);
  CHECK(at<std::uint32_t>(bytes, 8) == 3);
  const auto length = at<std::uint32_t>(bytes, 12);
  REQUIRE((16 + length) % 8 == 0);
  const auto header = nlohmann::json::parse(bytes.substr(16, length));
  CHECK(header ==
        nlohmann::json::parse(R"({"lanes":["a","b","c"],"functions":["write","read"],"keys":["k1"],"values":["7"]})"));
  const std::size_t start = 16 + length;
  const std::size_t end = start + 32, lane = end + 32, kind = lane + 8, function = kind + 8, key = function + 8;
  const std::size_t input = key + 16, output = input + 16;
  CHECK(bytes.size() == output + 16);
  CHECK(at<double>(bytes, start + 8) == 1.0);
  CHECK(at<double>(bytes, end) == 5.0);
  CHECK(std::isinf(at<double>(bytes, end + 16)));
  CHECK(at<std::uint16_t>(bytes, lane + 4) == 2);
  CHECK(at<std::uint8_t>(bytes, kind + 2) == 2);
  CHECK(at<std::uint8_t>(bytes, kind + 3) == 1);
  CHECK(at<std::uint8_t>(bytes, function) == 0);
  CHECK(at<std::uint32_t>(bytes, key) == 0);
  CHECK(at<std::uint32_t>(bytes, input) == 0);
  CHECK(at<std::uint32_t>(bytes, output) == 0xffffffff);  // a write answers what was written
  CHECK(at<std::uint32_t>(bytes, input + 4) == 0xffffffff);
  CHECK(at<std::uint32_t>(bytes, output + 4) == 0);
}

TEST_CASE("history.bin: a compare-and-set that did not match was answered, one that was refused failed",
          "[unit][controller]") {
  using model::EventType;
  using model::Function;
  HistoryColumns columns(0);
  const std::pair<std::int64_t, std::int64_t> swap{1, 2};
  for (const char* error : {"", "mismatch: 3", "no leader"}) {
    columns.add(event(1, "a", EventType::invoke, Function::cas, swap));
    model::Event refused = event(2, "a", EventType::fail, Function::cas, swap);
    refused.error = error;
    columns.add(refused);
  }
  const std::string bytes = columns.bytes();
  const auto length = at<std::uint32_t>(bytes, 12);
  const auto header = nlohmann::json::parse(bytes.substr(16, length));
  REQUIRE(header["values"] == nlohmann::json::parse(R"(["[1,2]","did not match"])"));
  const std::size_t kind = 16 + length + 24 + 24 + 8, output = kind + 8 + 8 + 16 + 16;
  for (std::size_t i = 0; i < 3; ++i) {
    INFO("operation " << i);
    CHECK(at<std::uint8_t>(bytes, kind + i) == (i < 2 ? 0 : 1));
    CHECK(at<std::uint32_t>(bytes, output + 4 * i) == (i < 2 ? 1 : 0xffffffff));
  }
}
