#include "agent/run_gate.h"

#include <cerrno>
#include <string>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

namespace {

std::string complaint(RunGate& gate, const std::string& run, std::int64_t lease_end_ns, std::int64_t now_ns) {
  const Status admitted = gate.admit(run, lease_end_ns, now_ns);
  if (admitted) return "";
  CHECK(admitted.error().code == EBUSY);
  return admitted.error().message;
}

}  // namespace

TEST_CASE("run gate: one run has the agent while its lease lasts", "[unit][agent]") {
  RunGate gate;
  CHECK(complaint(gate, "a", 0, 100).empty());
  CHECK(complaint(gate, "a", 5'000'000, 200).empty());
  CHECK(complaint(gate, "b", 5'000'000, 200) == "run a has this agent; its lease ends in 5 ms");
  CHECK(gate.has("a"));
  CHECK(complaint(gate, "a", 5'000'000, 6'000'000).empty());  // late, but nobody else came
}

TEST_CASE("run gate: what comes late from a run that lost the agent is refused, whoever has it then", "[unit][agent]") {
  RunGate gate;
  CHECK(complaint(gate, "a", 0, 100).empty());
  CHECK(complaint(gate, "b", 1000, 1000).empty());  // a's lease is over
  CHECK(gate.is_over("a"));
  CHECK(complaint(gate, "a", 1000, 2000) == "run a is over: it left this agent, or lost it with its lease");
  CHECK_FALSE(gate.leave("a"));
  CHECK(gate.has("b"));
  CHECK(gate.leave("b"));
  CHECK_FALSE(complaint(gate, "a", 0, 9000).empty());
  CHECK_FALSE(complaint(gate, "b", 0, 9000).empty());
}

TEST_CASE("run gate: a run that leaves makes room at once", "[unit][agent]") {
  RunGate gate;
  CHECK(complaint(gate, "a", 0, 100).empty());
  CHECK(gate.leave("a"));
  CHECK(complaint(gate, "b", 5000, 200).empty());
  CHECK_FALSE(gate.leave("never seen"));
  CHECK_FALSE(complaint(gate, "never seen", 0, 9000).empty());
}

TEST_CASE("run gate: it remembers the latest ten thousand", "[unit][agent]") {
  RunGate gate;
  for (std::size_t i = 0; i <= RunGate::kOverMax; ++i) gate.leave(std::to_string(i));
  CHECK_FALSE(gate.is_over("0"));
  CHECK(gate.is_over("1"));
  CHECK(gate.is_over(std::to_string(RunGate::kOverMax)));
}
