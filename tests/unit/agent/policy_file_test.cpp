#include "agent/policy_file.h"

#include <sys/stat.h>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;
using namespace std::chrono_literals;

TEST_CASE("policy file: every key is read", "[unit][agent]") {
  const auto policy = parse_policy(R"(
window_max = "2m"
victims_max = 20
kinds_allowed = ["net.*", "process.pause"]
kinds_forbidden = ["net.delay"]
freeze_file = "/run/stop/"
allow_system_clock = true
[protect]
processes = ["postgres"]
cgroups = ["/system.slice/"]
ports = ["5432", "9000-9100"]
interfaces = ["eth0"]
paths = ["/var/lib/../lib/db/", "/"]
)",
                                   "p.toml");
  INFO((policy ? "" : policy.error().message));
  REQUIRE(policy);
  CHECK(policy->source == "p.toml");
  CHECK(policy->window_max == 2min);
  CHECK(policy->victims_max == 20);
  CHECK(policy->kinds_allowed == std::vector<std::string>{"net.*", "process.pause"});
  CHECK(policy->kinds_forbidden == std::vector<std::string>{"net.delay"});
  CHECK(policy->freeze_file == "/run/stop");
  CHECK(policy->allow_system_clock);
  CHECK(policy->processes == std::vector<std::string>{"postgres"});
  CHECK(policy->cgroups == std::vector<std::string>{"system.slice"});
  CHECK(policy->ports == std::vector<model::PortRange>{{5432, 5432}, {9000, 9100}});
  CHECK(policy->interfaces == std::vector<std::string>{"eth0"});
  CHECK(policy->paths == std::vector<std::filesystem::path>{"/var/lib/db", "/"});
}

TEST_CASE("policy file: an empty one has the defaults", "[unit][agent]") {
  const auto policy = parse_policy("", "p.toml");
  REQUIRE(policy);
  CHECK(policy->window_max == 24h);
  CHECK_FALSE(policy->victims_max);
  CHECK(policy->kinds_allowed.empty());
  CHECK_FALSE(policy->allow_system_clock);
  CHECK(policy->freeze_file == "/run/fracas/freeze");
}

TEST_CASE("policy file: a mistake is one line with its place", "[unit][agent]") {
  const auto [text, line] = GENERATE(table<std::string, std::string>({
      {"window_maxx = \"2m\"", "p.toml:1:1: unknown key \"window_maxx\""},
      {"\nwindow_max = \"2 parsecs\"", "p.toml:2:14: "},
      {"window_max = \"25h\"", "p.toml:1:14: window_max must be between 1ms and 24h, not 25h"},
      {"victims_max = 0", "p.toml:1:15: victims_max must be between 1 and 1000000, not 0"},
      {"kinds_forbidden = [\"net.los\"]", "p.toml:1:20: unknown kind \"net.los\""},
      {"kinds_allowed = [\"tape.*\"]", "p.toml:1:18: unknown kind \"tape.*\""},
      {"freeze_file = \"freeze\"", "p.toml:1:15: freeze_file \"freeze\" must match"},
      {"[protect]\nports = [\"80\", \"70000\"]", "p.toml:2:16: \"70000\""},
      {"[protect]\npaths = [\"data\"]", "p.toml:2:10: paths \"data\" must match"},
      {"[protect\n", "p.toml:1:"},
  }));
  CAPTURE(text);
  const auto policy = parse_policy(text, "p.toml");
  REQUIRE_FALSE(policy);
  CAPTURE(policy.error().message);
  CHECK(policy.error().message.starts_with(line));
  CHECK(policy.error().message.find('\n') == std::string::npos);
}

TEST_CASE("policy file: only root may be able to write it", "[unit][agent]") {
  CHECK(check_only_root_writes(0, S_IFREG | 0644, "p"));
  CHECK(check_only_root_writes(0, S_IFDIR | S_ISVTX | 0777, "p"));
  CHECK(check_only_root_writes(1000, S_IFREG | 0600, "p").error().message ==
        "p must be owned by root, not by user 1000");
  CHECK(check_only_root_writes(0, S_IFREG | 0664, "p").error().message ==
        "p must be writable by root alone, its mode is 0664");
  CHECK_FALSE(check_only_root_writes(0, S_IFREG | S_ISVTX | 0646, "p"));
  CHECK_FALSE(check_only_root_writes(0, S_IFDIR | 0777, "p"));
}

TEST_CASE("policy file: one that was asked for must exist", "[unit][agent]") {
  const auto policy = load_policy("/proc/no-such-policy.toml");
  REQUIRE_FALSE(policy);
  CHECK(policy.error().message == "/proc/no-such-policy.toml: No such file or directory");
}
