#include "agent/injection.h"

#include <cerrno>
#include <csignal>
#include <limits>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;
using namespace std::chrono_literals;

namespace {

NetRule loss() {
  return {.kind = "net.loss", .from = {"10.0.0.1/32"}, .to = {}, .loss = 0.2};
}
Order order(Injection injection) {
  return {.id = "a#1", .injection = std::move(injection), .lease = 5s};
}
Order with_id(std::string id) {
  return {.id = std::move(id), .injection = loss(), .lease = 5s};
}
Order with_lease(Duration lease) {
  return {.id = "a", .injection = loss(), .lease = lease};
}
Order with_prefix(std::string prefix) {
  return order(NetRule{.kind = "net.partition", .from = {std::move(prefix)}, .to = {}, .loss = 1});
}
Order with_loss(double share) {
  return order(NetRule{.kind = "net.loss", .from = {"10.0.0.1"}, .to = {}, .loss = share});
}
Order with_delay(Duration delay, Duration jitter) {
  return order(NetRule{.kind = "net.delay", .from = {}, .to = {"fd00::/64"}, .delay = delay, .jitter = jitter});
}

std::string complaint(const Order& checked) {
  const auto valid = check_order(checked);
  if (valid) return "";
  CHECK(valid.error().code == EINVAL);
  return valid.error().message;
}

}  // namespace

TEST_CASE("injection: what follows the rules is accepted", "[unit][agent]") {
  CHECK(complaint(order(loss())).empty());
  CHECK(complaint(with_id("net.loss#12_b-3")).empty());
  CHECK(complaint(with_prefix("0.0.0.0/0")).empty());
  CHECK(complaint(with_prefix("::/0")).empty());
  CHECK(complaint(with_prefix("fd00::1/128")).empty());
  CHECK(complaint(with_prefix("10.0.0.7")).empty());
  CHECK(complaint(with_delay(40ms, 40ms)).empty());
  CHECK(complaint(order(ProcessPauseRule{.services = {"raft"}})).empty());
  CHECK(complaint(order(ProcessKillRule{.services = {"raft"}, .signal = SIGTERM, .restart_after = 2s})).empty());
}

TEST_CASE("injection: every broken rule is named", "[unit][agent]") {
  const auto [wrong, word] = GENERATE(table<Order, std::string>({
      {with_id(""), "id is empty"},
      {with_id(std::string(101, 'a')), "101 characters"},
      {with_id("../etc"), "'../etc'"},
      {with_id("a/b"), "'a/b'"},
      {with_id("a b"), "'a b'"},
      {with_lease(0s), "lease"},
      {with_lease(99ms), "lease of 99ms"},
      {with_lease(11min), "lease"},
      {with_lease(-1s), "lease"},
      {with_prefix("10.0.0.300/32"), "'10.0.0.300/32'"},
      {with_prefix("10.0.0.1/33"), "0 to 32"},
      {with_prefix("fd00::/129"), "0 to 128"},
      {with_prefix("10.0.0.1/"), "0 to 32"},
      {with_prefix("10.0.0.1/+8"), "0 to 32"},
      {with_prefix("n1"), "'n1'"},
      {with_loss(-0.1), "-0.1"},
      {with_loss(1.1), "1.1"},
      {with_loss(0), "does nothing"},
      {with_loss(std::numeric_limits<double>::quiet_NaN()), "nan"},
      {with_delay(0s, 0s), "does nothing"},
      {with_delay(61s, 0s), "60s"},
      {with_delay(10ms, 11ms), "jitter"},
      {order(NetRule{.kind = "net.partition", .from = {}, .to = {}, .loss = 1}), "neither"},
      {order(ProcessPauseRule{}), "no service"},
      {order(ProcessPauseRule{.services = {"../x"}}), "'../x'"},
      {order(ProcessKillRule{.services = {"raft"}, .signal = SIGSTOP}), "signal"},
      {order(ProcessKillRule{.services = {"raft"}, .signal = SIGKILL, .restart_after = 0s}), "restart_after"},
  }));
  CHECK(complaint(wrong).find(word) != std::string::npos);
}

TEST_CASE("injection: a window must lie ahead and not be empty", "[unit][agent]") {
  CHECK(check_window({.start_ns = 50, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 200, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 300, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 10, .end_ns = 100}, 100));
  CHECK_FALSE(check_window({.start_ns = 0, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 10, .end_ns = 10 + Duration(25h).count()}, 100));
}

TEST_CASE("injection: two are the same only if every field is", "[unit][agent]") {
  const Injection base = loss();
  CHECK(same(base, loss()));
  NetRule other = loss();
  other.seed = 1;
  CHECK_FALSE(same(base, other));
  CHECK_FALSE(same(base, ProcessPauseRule{.services = {"raft"}}));
  CHECK_FALSE(same(ProcessKillRule{.services = {"raft"}}, ProcessKillRule{.services = {"raft"}, .restart_after = 1s}));
}

TEST_CASE("injection: a service needs a name and absolute paths", "[unit][agent]") {
  CHECK(check_service({.name = "raft", .argv = {"/bin/raft"}, .working_directory = "", .output = "/tmp/x"}));
  CHECK_FALSE(check_service({.name = "", .argv = {"/bin/raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "a/b", .argv = {"/bin/raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {"raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {"/bin/raft"}, .working_directory = "data", .output = ""}));
}
