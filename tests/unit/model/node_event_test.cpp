#include "lib/model/node_event.h"

#include <sstream>

#include "tests/catch/catch.h"

namespace fracas::model {
namespace {

NodeEvent event(NodeEventType type) {
  NodeEvent made;
  made.time_ns = 81;
  made.node = "n1";
  made.type = type;
  made.term = 4;
  return made;
}

}  // namespace

TEST_CASE("node event: every kind survives being written and read", "[unit][model]") {
  for (int kind = 0; kind <= static_cast<int>(NodeEventType::snapshot); ++kind) {
    NodeEvent written = event(static_cast<NodeEventType>(kind));
    if (written.type == NodeEventType::role) written.role = Role::leader;
    if (written.type == NodeEventType::vote) written.peer = "n2";
    if (written.type != NodeEventType::role && written.type != NodeEventType::vote) written.index = 9;
    if (written.type == NodeEventType::append) written.entry_term = 3;
    const bool hashed = written.type == NodeEventType::append || written.type == NodeEventType::apply ||
                        written.type == NodeEventType::snapshot;
    if (hashed) written.hash = 0xfedcba9876543210U;
    const auto read = parse_node_event(to_json_line(written));
    REQUIRE(read);
    CHECK(*read == written);
  }
}

TEST_CASE("node event: a torn last line is ignored, and so is one that a restarted node continued", "[unit][model]") {
  const std::string whole = to_json_line(event(NodeEventType::start));
  std::istringstream torn(whole + "\n" + whole.substr(0, 20));
  const auto first = read_node_events(torn);
  REQUIRE(first);
  CHECK(first->size() == 1);
  std::istringstream continued(whole + "\n" + whole.substr(0, 20) + whole + "\n" + whole + "\n");
  const auto second = read_node_events(continued);
  REQUIRE(second);
  CHECK(second->size() >= 2);
}

TEST_CASE("node event: what is wrong with a line is said with its number", "[unit][model]") {
  std::istringstream unknown("{\"time\":1,\"event\":\"dance\"}\n");
  const auto events = read_node_events(unknown);
  REQUIRE_FALSE(events);
  CHECK(events.error().message == "line 1: unknown event \"dance\"");
  CHECK_FALSE(parse_node_event(R"({"event":"role","role":"king"})"));
  CHECK_FALSE(parse_node_event("[]"));
}

}  // namespace fracas::model
