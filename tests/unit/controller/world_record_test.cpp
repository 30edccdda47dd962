#include "controller/world/lab_record.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

constexpr const char* kId = "0123abcd";
constexpr const char* kState = "/run/fracas";

std::string sample() {
  const auto plan = plan_lab({.nodes = 2, .spares = 1}, kId, kState);
  return to_json(record_of(*plan, {.pid = 4711, .start_ticks = 99}));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("lab record: reads back what was written", "[unit][controller][world]") {
  const auto record = parse_lab_record(sample(), kId, kState);
  REQUIRE(record);
  CHECK(record->owner.pid == 4711);
  CHECK(record->owner.start_ticks == 99);
  CHECK(record->cgroup == "fracas/lab-0123abcd");
  CHECK(record->directory == "/run/fracas/labs/0123abcd");
  REQUIRE(record->hosts.size() == 3);
  CHECK(record->hosts[2] == LabRecordHost{.name = "x1",
                                          .cgroup = "fracas/lab-0123abcd/x1",
                                          .agent_cgroup = "fracas/lab-0123abcd/agent-x1",
                                          .agent_state = "/run/fracas/labs/0123abcd/x1/agent"});
}

TEST_CASE("lab record: torn at any byte, it is refused or still says the same", "[unit][controller][world]") {
  const std::string whole = sample();
  for (std::size_t size = 0; size + 2 < whole.size(); ++size)
    CHECK_FALSE(parse_lab_record(whole.substr(0, size), kId, kState));
}

TEST_CASE("lab record: names nothing outside of its lab", "[unit][controller][world]") {
  const std::string whole = sample();
  const std::vector<std::pair<std::string, std::string>> forgeries{
      {"\"cgroup\": \"fracas/lab-0123abcd\"", "\"cgroup\": \"fracas\""},
      {"\"cgroup\": \"fracas/lab-0123abcd/n1\"", "\"cgroup\": \"system.slice/ssh.service\""},
      {"\"cgroup\": \"fracas/lab-0123abcd/n1\"", "\"cgroup\": \"fracas/lab-0123abcd/..\""},
      {"\"agent_cgroup\": \"fracas/lab-0123abcd/agent-n2\"", "\"agent_cgroup\": \"fracas/lab-ffffffff/agent-n2\""},
      {"/run/fracas/labs/0123abcd/n1/agent", "/etc"},
      {"/run/fracas/labs/0123abcd/n1/agent", "/run/fracas/labs/0123abcd/n1/.."},
      {"\"directory\": \"/run/fracas/labs/0123abcd\"", "\"directory\": \"/home\""},
      {"\"name\": \"n1\"", "\"name\": \"../n1\""},
      {"\"id\": \"0123abcd\"", "\"id\": \"ffffffff\""},
      {"\"version\": 1", "\"version\": 2"},
      {"\"pid\": 4711", "\"pid\": -1"},
  };
  for (const auto& [from, to] : forgeries) {
    INFO(from << " -> " << to);
    CHECK_FALSE(parse_lab_record(replaced(whole, from, to), kId, kState));
  }
}
