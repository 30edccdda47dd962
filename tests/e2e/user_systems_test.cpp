// Systems that fracas does not know: a user's commands with an adapter, and Maelstrom's node programs.
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/residue.h"

namespace {

using namespace fracas::test;

// Runs the library's experiments side by side; each must come out as it expects, with every fault felt.
void run_all(const Scratch& scratch, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, Program>> running;
  for (const std::string& name : names)
    running.emplace_back(
        name, Program::start(scratch, {"run", experiment("real/" + name), "--out", (scratch.path() / name).string()}));
  for (auto& [name, program] : running) {
    const int code = program.wait();
    INFO(name << "\n" << program.output());
    CHECK(code == 0);
    for (const auto& fault : faults_of(scratch.path() / name)) CHECK(fault.value("had_effect", false));
  }
}

std::string exec_experiment(const std::string& adapter) {
  return R"(name = "broken"
duration_max = "1m"
[world]
nodes = 3
[target]
kind = "exec"
[target.options]
node = ["/usr/bin/python3", "./experiments/real/store/node.py", "{name}", "{address}", "{data}", "{nodes}"]
adapter = )" +
         adapter + R"(
ready_within = "500ms"
[workload]
kind = "register"
clients = 2
rate = "20/s"
[phases]
warmup = "1s"
faults = "1s"
recover = "1s"
[[check]]
kind = "linearizable"
)";
}

Ended run_exec(const Scratch& scratch, const std::string& adapter) {
  const auto file = scratch.path() / "broken.toml";
  std::ofstream(file) << exec_experiment(adapter);
  static int runs = 0;
  return run(scratch, {"run", file.string(), "--out", (scratch.path() / fmt::format("run-{}", ++runs)).string()});
}

// Whether the words are there, however the lines of the terminal break them.
bool says(const Ended& ended, const std::string& words) {
  std::string text;
  for (const char c : ended.output) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || !text.ends_with(' ')) text += blank ? ' ' : c;
  }
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("exec: a store of the user's is judged, and its planted bug found", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  run_all(scratch, {"exec-store", "exec-store-forgets"});
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("exec: an adapter that cannot do its work ends the run with one line, and nothing is left", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  const Ended garbage = run_exec(scratch, R"(["/bin/echo", "hello"])");
  INFO(garbage.output);
  CHECK(garbage.code == 5);
  CHECK(says(garbage, "adapter /bin/echo was to open n"));
  CHECK(says(garbage, "wrote \"hello\", which is no JSON object"));
  const Ended missing = run_exec(scratch, R"(["/no/such/adapter"])");
  INFO(missing.output);
  CHECK(missing.code == 5);
  CHECK(says(missing, "/no/such/adapter: execute: No such file or directory"));
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("maelstrom: unchanged node programs are judged over the lab's network", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  run_all(scratch, {"maelstrom-unique-ids", "maelstrom-broadcast", "maelstrom-lin-kv"});
  run_all(scratch, {"maelstrom-txn-list-append", "maelstrom-kafka", "maelstrom-lin-kv-lonely"});
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}
