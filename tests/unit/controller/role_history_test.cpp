#include "controller/run/role_history.h"
#include "controller/run/happenings.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;
using model::RunEventKind;

namespace {

model::NodeEvent committed(const std::string& node, std::uint64_t index) {
  model::NodeEvent event;
  event.node = node;
  event.type = model::NodeEventType::commit;
  event.index = index;
  return event;
}

model::NodeEvent role(const std::string& node, model::Role role) {
  model::NodeEvent event;
  event.node = node;
  event.type = model::NodeEventType::role;
  event.role = role;
  event.term = 4;
  return event;
}

}  // namespace

TEST_CASE("role history: who led before the leader is the old leader, also while nobody leads", "[unit][controller]") {
  RoleHistory history({"n1", "n2", "n3"});
  CHECK(history.lead("n1", 1).size() == 1);
  CHECK(history.roles().old_leader.empty());
  CHECK(history.lead("n1", 2).empty());
  const auto lost = history.lead("", 3);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].event.kind == RunEventKind::leader_lost);
  CHECK(history.roles().old_leader == "n1");
  const auto elected = history.lead("n3", 4);
  REQUIRE(elected.size() == 1);
  CHECK(elected[0].text() == "leader-elected: n3 leads");
  CHECK(history.roles().leader == "n3");
  CHECK(history.roles().old_leader == "n1");
  CHECK(history.lead("n2", 5).size() == 2);
  CHECK(history.roles().old_leader == "n3");
}

TEST_CASE("role history: the most lagging node has the lowest commit index, the first by name of several",
          "[unit][controller]") {
  RoleHistory history({"n1", "n2", "n3"});
  CHECK(history.roles().most_lagging.empty());
  history.follow(committed("n1", 9));
  CHECK(history.roles().most_lagging == "n2");
  history.follow(committed("n2", 12));
  history.follow(committed("n3", 10));
  CHECK(history.roles().most_lagging == "n1");
  history.follow(committed("n1", 11));
  CHECK(history.roles().most_lagging == "n3");
}

TEST_CASE("role history: only another role than before is a change", "[unit][controller]") {
  RoleHistory history({"n1", "n2", "n3"});
  CHECK(history.follow(role("n1", model::Role::leader)).has_value());
  CHECK_FALSE(history.follow(role("n1", model::Role::leader)).has_value());
  const auto change = history.follow(role("n1", model::Role::follower));
  REQUIRE(change.has_value());
  CHECK(change->text() == "role-changed: n1 became follower in term 4");
}

TEST_CASE("happenings: the first of an event at or after a time is found", "[unit][controller]") {
  Happenings happenings;
  const model::RunEvent lost{.kind = RunEventKind::leader_lost};
  const model::RunEvent ended{.kind = RunEventKind::fault_ended, .fault = "ring"};
  happenings.publish({.event = lost, .time_ns = 10, .detail = "a"});
  happenings.publish({.event = ended, .time_ns = 20, .detail = "b"});
  happenings.publish({.event = lost, .time_ns = 30, .detail = "c"});
  CHECK(happenings.first(lost, 0)->detail == "a");
  CHECK(happenings.first(lost, 11)->detail == "c");
  CHECK_FALSE(happenings.first(lost, 31).has_value());
  CHECK_FALSE(happenings.first({.kind = RunEventKind::fault_ended, .fault = "other"}, 0).has_value());
}
