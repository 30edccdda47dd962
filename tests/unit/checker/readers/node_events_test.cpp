#include "checker/readers/node_events.h"

#include "checker/check.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/readers/read_text.h"

namespace fracas::checker::tests {
namespace {

struct State {
  std::string_view name, node;
  int term;
  std::string_view vote;
  int commit;
  std::string_view role;
  int last;
};

std::string trace(std::initializer_list<State> states) {
  std::string text;
  for (const State& each : states)
    text += "{\"level\":\"debug\",\"ts\":1.5,\"tag\":\"trace\",\"event\":{\"name\":\"" + std::string(each.name) +
            "\",\"nid\":\"" + std::string(each.node) + "\",\"state\":{\"term\":" + std::to_string(each.term) +
            ",\"vote\":\"" + std::string(each.vote) + "\",\"commit\":" + std::to_string(each.commit) +
            "},\"role\":\"State" + std::string(each.role) + "\",\"log\":" + std::to_string(each.last) + "}}\n";
  return text;
}

std::string verdict_of(const std::string& text) {
  const auto format = recognize(text);
  REQUIRE(format);
  const auto nodes = read_nodes({"h", text}, *format);
  if (!nodes) return nodes.error().message;
  const CheckResult result = check_raft(*nodes, {});
  return result.verdict == Verdict::violated ? result.summary.substr(0, result.summary.find(':')) : "sound";
}

}  // namespace

TEST_CASE("node events: a trace of etcd's Raft is checked for the invariants it can show", "[unit][checker]") {
  const State begin{"InitState", "1", 0, "0", 0, "Follower", 0}, other{"InitState", "2", 0, "0", 0, "Follower", 0};
  const State candidate{"BecomeCandidate", "1", 1, "1", 0, "Candidate", 0};
  const State leader{"BecomeLeader", "1", 1, "1", 0, "Leader", 0};
  const State wrote{"Commit", "1", 1, "1", 2, "Leader", 3};
  CHECK(verdict_of(trace({begin, other, candidate, leader, wrote})) == "sound");
  CHECK(verdict_of(trace({begin, candidate, leader, wrote, {"Ready", "1", 1, "1", 1, "Leader", 3}})) ==
        "commit monotonic");
  CHECK(verdict_of(trace({begin, candidate, leader, wrote, {"Ready", "1", 0, "1", 2, "Leader", 3}})) ==
        "term monotonic");
  CHECK(verdict_of(trace({begin, candidate, leader, {"Ready", "1", 1, "2", 0, "Leader", 0}})) == "vote once");
  CHECK(verdict_of(trace({begin, candidate, leader, wrote, {"Ready", "1", 1, "1", 2, "Leader", 2}})) ==
        "leader append-only");
  CHECK(verdict_of(trace({begin, other, leader, {"BecomeLeader", "2", 1, "2", 0, "Leader", 0}})) == "election safety");
  // A node that restarts begins anew with what is on its disk.
  CHECK(verdict_of(trace({begin, candidate, leader, wrote, {"InitState", "1", 1, "1", 0, "Follower", 3}})) == "sound");
}

TEST_CASE("node events: our own lines may tell of several nodes in one file", "[unit][checker]") {
  const std::string text = R"({"time":1,"node":"n1","event":"role","term":1,"role":"leader"})"
                           "\n"
                           R"({"time":2,"node":"n2","event":"role","term":1,"role":"leader"})"
                           "\n";
  CHECK(verdict_of(text) == "election safety");
}

TEST_CASE("node events: the files of several nodes may come one after the other", "[unit][checker]") {
  const std::string text = R"({"time":1,"node":"n1","event":"role","term":1,"role":"leader"})"
                           "\n"
                           R"({"time":9,"node":"n1","event":"role","term":2,"role":"follower"})"
                           "\n"
                           R"({"time":4,"node":"n2","event":"role","term":2,"role":"leader"})"
                           "\n";
  const auto nodes = read_nodes({"h", text}, Format::node_events);
  REQUIRE(nodes);
  REQUIRE(nodes->size() == 2);
  CHECK((*nodes)[0].back().time_ns == 9);
  CHECK((*nodes)[1].front().time_ns == 4);
}

TEST_CASE("node events: what cannot be understood is refused at its place", "[unit][checker]") {
  CHECK(verdict_of("{\"node\":\"n1\",\"event\":\"dance\"}\n") == "h:1: unknown event \"dance\"");
  CHECK(verdict_of("{\"event\":\"start\",\"term\":1}\n") == "h:1: the event names no node");
  CHECK(verdict_of("{\"event\":{\"name\":\"X\"}}\n") == "h:1: an event of the trace has a name, a nid and a state");
  CHECK(verdict_of(trace({{"X", "1", 1, "0", 0, "King", 0}})) ==
        "h:1: a state of the trace has the numbers term, commit and log, and a role");
  CHECK(verdict_of("{\"event\":{\"name\":\"X\",}}\n") == "h:1:22: the name of a member is missing");
  CHECK(verdict_of(trace({{"X", "1", 1, "0", 2'000'000'000, "Leader", 0}})) ==
        "h:1: an index of the log is too large to be one");
  CHECK(read_history({"h", "{\"event\":\"start\"}"}, Format::node_events, {}).error().message ==
        "h: tells of nodes and not of clients; it can be checked as --model raft");
}

}  // namespace fracas::checker::tests
