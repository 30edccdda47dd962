#include "controller/gameday/guards.h"

#include <condition_variable>
#include <mutex>

#include "controller/gameday/machine_check.h"
#include "lib/model/gameday.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller::gameday;

namespace {

// A plan with one guard, whose program ends with that exit code.
std::string plan_text(const std::string& exit_code, const std::string& more = "") {
  return "name = \"day\"\n[[guard]]\nname = \"lag\"\nkind = \"command\"\ninterval = \"50ms\"\ntimeout = \"30s\"\n" +
         more + "command = [\"/bin/sh\", \"-c\", \"exit " + exit_code + "\"]\n[[experiment]]\nfile = \"first.toml\"\n";
}

}  // namespace

TEST_CASE("guards: those that pass say nothing, and one that fails says how", "[unit][gameday]") {
  CHECK(failed_before(guards_of(plan_text("0")), {}).empty());
  CHECK(failed_before(guards_of(plan_text("3")), {}) ==
        std::vector<std::string>{"guard lag failed: exit code 3, not 0"});
  CHECK(failed_before(guards_of(plan_text("3", "failures_in_row = 3\n")), {}) ==
        std::vector<std::string>{"guard lag failed 3 times in a row: exit code 3, not 0"});
  CHECK(failed_before(guards_of(plan_text("3", "when = [\"during\"]\n")), {}).empty());
}

TEST_CASE("guards: nothing is said of a start that nobody waits for any more", "[unit][gameday]") {
  std::stop_source stopped;
  stopped.request_stop();
  CHECK(failed_before(guards_of(plan_text("3", "failures_in_row = 1000\n")), stopped.get_token()).empty());
}

TEST_CASE("guards: while an experiment runs the first that fails is told once", "[unit][gameday]") {
  std::mutex mutex;
  std::condition_variable told;
  std::vector<std::string> sentences;
  Guards guards = guards_of(plan_text("3", "failures_in_row = 2\n"));
  guards.push_back(guards.front());
  {
    const GuardWatch watch(guards, [&](const std::string& sentence) {
      const std::scoped_lock lock(mutex);
      sentences.push_back(sentence);
      told.notify_all();
    });
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return !sentences.empty(); });
  }
  CHECK(sentences == std::vector<std::string>{"guard lag failed 2 times in a row: exit code 3, not 0"});
}

TEST_CASE("guards: a watch over guards that pass, or count before the run alone, ends unheard", "[unit][gameday]") {
  std::vector<std::string> sentences;
  const auto hear = [&](const std::string& sentence) { sentences.push_back(sentence); };
  { const GuardWatch watch(guards_of(plan_text("0")), hear); }
  { const GuardWatch watch(guards_of(plan_text("3", "when = [\"before\"]\n")), hear); }
  CHECK(sentences.empty());
}

TEST_CASE("machine check: a program that is not there is found before the plan is kept", "[unit][gameday]") {
  CHECK(check_machine(plan_text("0"), "day.toml").has_value());
  std::string text = plan_text("0");
  text.replace(text.find("/bin/sh"), 7, "no-such-program");
  const auto checked = check_machine(text, "day.toml");
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().message == "day.toml:2:1: there is no program no-such-program in PATH");
  const auto told =
      check_machine(plan_text("0") + "[[notify]]\nkind = \"command\"\ncommand = [\"no-such-program\"]\n", "day.toml");
  REQUIRE_FALSE(told.has_value());
  CHECK(told.error().message == "day.toml:12:11: there is no program no-such-program in PATH");
}
