#include "agent/doctor_text.h"

#include "tests/catch/catch.h"

using namespace fracas::agent;

namespace {

const std::vector<FaultSupport> kFaults{
    {.kind = "net.loss", .available = true, .mechanism = "tcx", .accuracy = "each packet"},
    {.kind = "process.pause", .available = false, .missing = "cgroup2"},
};

}  // namespace

TEST_CASE("doctor: the table has a line for each fault and says what is missing", "[unit][agent]") {
  CHECK(doctor_table(kFaults) ==
        "fault          mechanism  accuracy, or what is missing\n"
        "net.loss       tcx        each packet\n"
        "process.pause  -          missing: cgroup2\n"
        "1 of 2 faults work on this host.\n");
}

TEST_CASE("doctor: the JSON has every field of every fault", "[unit][agent]") {
  const std::string text = doctor_json(kFaults);
  for (const char* part : {"\"kind\": \"net.loss\"", "\"available\": true", "\"accuracy\": \"each packet\"",
                           "\"missing\": \"cgroup2\"", "\"available\": false"})
    CHECK(text.find(part) != std::string::npos);
}
