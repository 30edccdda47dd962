#include "agent/order.h"

#include <cerrno>

#include "agent/service_spec.h"
#include "lib/model/agent.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;
using namespace std::chrono_literals;

namespace {

model::Injection loss_from(const std::string& prefix) {
  model::Injection injection;
  injection.mutable_scope()->add_from(prefix);
  injection.mutable_net_loss()->set_loss(0.2);
  return injection;
}

std::string complaint(const Order& order) {
  const auto valid = check_order(order);
  if (valid) return "";
  CHECK(valid.error().code == EINVAL);
  return valid.error().message;
}

}  // namespace

TEST_CASE("order: what follows the rules is accepted", "[unit][agent]") {
  for (const char* prefix : {"0.0.0.0/0", "::/0", "fd00::1/128", "10.0.0.7", "10.0.0.1/32"})
    CHECK(complaint({.id = "net.loss#12_b-3", .injection = loss_from(prefix), .lease = 5s}).empty());
}

TEST_CASE("order: a bad id or lease is named", "[unit][agent]") {
  const auto [id, lease, word] = GENERATE(table<std::string, Duration, std::string>({
      {"", 5s, "id is empty"},
      {std::string(101, 'a'), 5s, "101 characters"},
      {"../etc", 5s, "'../etc'"},
      {"a/b", 5s, "'a/b'"},
      {"a b", 5s, "'a b'"},
      {"a", 0s, "lease"},
      {"a", 99ms, "lease of 99ms"},
      {"a", 11min, "lease"},
      {"a", -1s, "lease"},
  }));
  CHECK(complaint({.id = id, .injection = loss_from("::/0"), .lease = lease}).find(word) != std::string::npos);
}

TEST_CASE("order: a bad prefix or service is named, whatever the kind", "[unit][agent]") {
  const auto [prefix, word] = GENERATE(table<std::string, std::string>({
      {"10.0.0.300/32", "'10.0.0.300/32'"},
      {"10.0.0.1/33", "0 to 32"},
      {"fd00::/129", "0 to 128"},
      {"10.0.0.1/", "0 to 32"},
      {"10.0.0.1/+8", "0 to 32"},
      {"n1", "'n1'"},
  }));
  CHECK(complaint({.id = "a", .injection = loss_from(prefix), .lease = 5s}).find(word) != std::string::npos);
  model::Injection foreign = loss_from("::/0");
  foreign.mutable_scope()->add_services("../x");
  CHECK(complaint({.id = "a", .injection = foreign, .lease = 5s}).find("'../x'") != std::string::npos);
}

TEST_CASE("order: an injection without a kind is refused", "[unit][agent]") {
  const model::Injection nothing;
  CHECK(complaint({.id = "a", .injection = nothing, .lease = 5s}).find("newer than this agent") != std::string::npos);
}

TEST_CASE("order: a window must lie ahead and not be empty", "[unit][agent]") {
  CHECK(check_window({.start_ns = 50, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 200, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 300, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 10, .end_ns = 100}, 100));
  CHECK_FALSE(check_window({.start_ns = 0, .end_ns = 200}, 100));
  CHECK_FALSE(check_window({.start_ns = 10, .end_ns = 10 + Duration(25h).count()}, 100));
}

TEST_CASE("service: it needs a name and absolute paths", "[unit][agent]") {
  CHECK(check_service({.name = "raft", .argv = {"/bin/raft"}, .working_directory = "", .output = "/tmp/x"}));
  CHECK_FALSE(check_service({.name = "", .argv = {"/bin/raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "a/b", .argv = {"/bin/raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {"raft"}, .working_directory = "", .output = ""}));
  CHECK_FALSE(check_service({.name = "raft", .argv = {"/bin/raft"}, .working_directory = "data", .output = ""}));
}
