#include <array>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/engine/distribute.h"
#include "controller/engine/kubernetes_manifest.h"
#include "controller/engine/slurm_engine.h"
#include "controller/hunt/findings.h"
#include "controller/inventory/kubernetes_access.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using namespace fracas::controller;
using nlohmann::json;

Finding finding(std::uint64_t seed, std::size_t faults, std::size_t operations) {
  return {.seed = seed,
          .name = "stale-read",
          .check = "linearizable",
          .reason = "stale read: \"k4\"",
          .experiment = "name = \"stale-read\"\n",
          .shrunk = faults > 0 ? "name = \"small\"\n" : "",
          .shrink_runs = 17,
          .faults = faults,
          .nodes = 3,
          .clients = 2,
          .operations = operations};
}

Findings passed(std::uint64_t universes) {
  return {.universes = universes, .passed = universes};
}

Findings with_violation(std::uint64_t seed) {
  return {.universes = 1, .violations = {finding(seed, 0, 0)}};
}

// Answers each question with the next thing that happens; afterwards nothing ends.
class PlayedEngine final : public Engine {
 public:
  explicit PlayedEngine(std::deque<Result<std::vector<TaskEnd>>> answers) : answers_(std::move(answers)) {}

  Status submit(const std::vector<unsigned>& shares) override {
    submitted.push_back(shares);
    return {};
  }
  Result<std::vector<TaskEnd>> ended() override {
    if (answers_.empty()) return std::vector<TaskEnd>();
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  Status clear() override {
    ++cleared;
    return {};
  }

  std::vector<std::vector<unsigned>> submitted;
  int cleared = 0;

 private:
  std::deque<Result<std::vector<TaskEnd>>> answers_;
};

std::vector<TaskEnd> ends(std::vector<TaskEnd> all) {
  return all;
}

DistributeOptions options(unsigned shares, std::vector<std::string>& said) {
  DistributeOptions options;
  options.shares = shares;
  options.ask_every = Duration::zero();
  options.stop = [] { return false; };
  options.say = [&said](const std::string& line) { said.push_back(line); };
  return options;
}

HuntTask task() {
  return {.first_seed = 5, .universes = 1000, .shares = 4, .jobs = 2, .guided = false, .shrink = true};
}

}  // namespace

TEST_CASE("shares: they follow each other, differ by one at most, and are all seeds together", "[unit][controller]") {
  for (const auto& [count, parts] : {std::pair{1000U, 10U}, {7U, 3U}, {3U, 7U}, {1U, 1U}, {1'000'000'000U, 999U}}) {
    const Seeds all{.first = 42, .count = count};
    std::uint64_t next = all.first;
    for (unsigned i = 0; i < parts; ++i) {
      const Seeds share = share_of(all, i, parts);
      CHECK(share.first == next);
      CHECK(share.count >= count / parts);
      CHECK(share.count <= count / parts + 1);
      next += share.count;
    }
    CHECK(next == all.first + count);
  }
}

TEST_CASE("findings: what is written as JSON is read again", "[unit][controller]") {
  const Findings findings{.universes = 9,
                          .passed = 3,
                          .vacuous = 2,
                          .undecided = 1,
                          .refused = 2,
                          .simulated = std::chrono::minutes(70),
                          .coverage = {"process.kill/leader/steady"},
                          .violations = {finding(7, 1, 20)}};
  const std::string text = findings_to_json(findings, "0.1.0");
  CHECK(text.find('\n') == std::string::npos);
  const auto again = findings_in(text, "0.1.0");
  REQUIRE(again.has_value());
  CHECK(findings_to_json(*again, "0.1.0") == text);
  CHECK(again->simulated == findings.simulated);
  CHECK(again->violations.front().reason == "stale read: \"k4\"");
  CHECK(findings_in(text, "0.2.0").error().message == "a record of fracas 0.1.0, this is 0.2.0");
}

TEST_CASE("findings: what is no record is refused", "[unit][controller]") {
  const std::string text = findings_to_json({.universes = 1, .violations = {finding(7, 1, 20)}}, "1");
  for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(findings_in(text.substr(0, i), "1").has_value());
  json object = json::parse(text);
  object["violations"][0]["seed"] = "seven";
  CHECK(findings_in(object.dump(), "1").error().message == "this is no record of a hunt: a violation has no \"seed\"");
  CHECK_FALSE(findings_in("[]", "1").has_value());
}

TEST_CASE("findings: merged ones are added up, the smallest violation first", "[unit][controller]") {
  Findings all{.universes = 3, .passed = 2, .coverage = {"a", "b"}, .violations = {finding(1, 2, 9), finding(2, 0, 0)}};
  merge(all,
        {.universes = 4, .passed = 1, .coverage = {"b", "c"}, .violations = {finding(3, 1, 30), finding(4, 1, 8)}});
  CHECK(all.universes == 7);
  CHECK(all.passed == 3);
  CHECK(all.coverage == Coverage{"a", "b", "c"});
  std::vector<std::uint64_t> seeds;
  for (const Finding& each : all.violations) seeds.push_back(each.seed);
  CHECK(seeds == std::vector<std::uint64_t>{4, 3, 1, 2});
}

TEST_CASE("distribute: a lost share runs again, up to three times", "[unit][controller]") {
  PlayedEngine engine({ends({{.share = 0, .findings = passed(10)}, {.share = 1, .why = "n2 died"}}),
                       ends({{.share = 1, .why = "n3 died"}, {.share = 2, .why = "n3 died"}}),
                       ends({{.share = 1, .why = "n1 died"}, {.share = 2, .findings = passed(11)}})});
  std::vector<std::string> said;
  const auto done = distribute(engine, options(3, said));
  REQUIRE(done.has_value());
  CHECK(engine.submitted == std::vector<std::vector<unsigned>>{{0, 1, 2}, {1}, {1, 2}});
  CHECK(done->findings.universes == 21);
  CHECK(done->shares_done == 2);
  CHECK(done->lost == std::vector<unsigned>{1});
  CHECK(engine.cleared == 1);
  CHECK(said == std::vector<std::string>{
                    "share 1 was lost and runs again: n2 died", "share 1 was lost and runs again: n3 died",
                    "share 2 was lost and runs again: n3 died", "share 1 is given up after 3 tries: n1 died"});
}

TEST_CASE("distribute: enough violations end what still runs", "[unit][controller]") {
  PlayedEngine engine({ends({{.share = 2, .findings = with_violation(9)}, {.share = 0, .why = "n1 died"}})});
  std::vector<std::string> said;
  const auto done = distribute(engine, options(3, said));
  REQUIRE(done.has_value());
  CHECK(done->findings.violations.size() == 1);
  CHECK(done->shares_done == 1);
  CHECK(engine.submitted.size() == 1);
  CHECK(engine.cleared == 1);
}

TEST_CASE("distribute: a silent engine is asked again, and given up in the end", "[unit][controller]") {
  std::vector<std::string> said;
  PlayedEngine slow({failure("busy"), failure("busy"), ends({{.share = 0, .findings = passed(1)}})});
  CHECK(distribute(slow, options(1, said)).has_value());
  PlayedEngine dead({failure("nobody there")});
  DistributeOptions impatient = options(1, said);
  impatient.silence_max = Duration(-1);
  const auto done = distribute(dead, impatient);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message == "nobody there");
  CHECK(dead.cleared == 1);
}

TEST_CASE("distribute: who stops it leaves nothing running", "[unit][controller]") {
  PlayedEngine engine({});
  std::vector<std::string> said;
  DistributeOptions stopped = options(2, said);
  stopped.stop = [] { return true; };
  const auto done = distribute(engine, stopped);
  REQUIRE(done.has_value());
  CHECK(done->shares_done == 0);
  CHECK(engine.cleared == 1);
}

TEST_CASE("slurm: arrays are written short, listings read", "[unit][controller]") {
  CHECK(array_of({0}) == "0");
  CHECK(array_of({0, 1, 2, 3}) == "0-3");
  CHECK(array_of({0, 1, 4, 6, 7}) == "0-1,4,6-7");
  CHECK(indices_in("3\n12\nN/A\n 7\n1_2\n") == std::set<unsigned>{3, 7, 12});
  CHECK(indices_in("").empty());
}

TEST_CASE("slurm: a task's script names its share by the array's index", "[unit][controller]") {
  CHECK(slurm_script(task()) ==
        "#!/bin/sh\nexec ./fracas \"hunt\" \"experiment.toml\" \"--seed\" \"5\" \"--universes\" \"1000\" \"--share\" "
        "\"$SLURM_ARRAY_TASK_ID/4\" \"--jobs\" \"2\" \"--violations\" \"1\" \"--record\" "
        "\"share-$SLURM_ARRAY_TASK_ID.json\" \"--unguided\" \"--shrink\"\n");
}

TEST_CASE("kubernetes: the Job has a completion for each share, and its pods need no right", "[unit][controller]") {
  const kubernetes::HuntJob job{.name = "hunt-1", .experiment = "name = \"x\"\n", .image = "fracas:1", .task = task()};
  const json map = json::parse(kubernetes::config_map(job));
  CHECK(map["kind"] == "ConfigMap");
  CHECK(map["data"]["experiment.toml"] == job.experiment);
  const json object = json::parse(kubernetes::indexed_job(job));
  CHECK(object["spec"]["completionMode"] == "Indexed");
  CHECK(object["spec"]["completions"] == 4);
  const json pod = object["spec"]["template"]["spec"];
  CHECK(pod["restartPolicy"] == "Never");
  CHECK(pod["automountServiceAccountToken"] == false);
  CHECK(pod["volumes"][0]["configMap"]["name"] == map["metadata"]["name"]);
  const json container = pod["containers"][0];
  CHECK(container["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]);
  CHECK(container["resources"]["requests"]["cpu"] == "2");
  CHECK(container["securityContext"]["capabilities"]["drop"] == json::array({"ALL"}));
  CHECK(container["args"][6] == "--share");
  CHECK(container["args"][7] == "$(JOB_COMPLETION_INDEX)/4");
  const json again = json::parse(kubernetes::single_job(job, "hunt-1-1", 3));
  CHECK(again["metadata"]["name"] == "hunt-1-1");
  CHECK_FALSE(again["spec"].contains("completionMode"));
  CHECK(again["spec"]["template"]["spec"]["containers"][0]["args"][7] == "3/4");
  CHECK(again["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == "hunt-1");
}

TEST_CASE("kubernetes: what the API says of a Job and its pods", "[unit][controller]") {
  using kubernetes::JobState;
  CHECK(kubernetes::job_state(R"({"kind":"Job","status":{"active":2}})") == JobState::running);
  CHECK(kubernetes::job_state(R"({"kind":"Job","status":{"conditions":[{"type":"Complete","status":"True"}]}})") ==
        JobState::ended);
  CHECK(kubernetes::job_state(R"({"kind":"Job","status":{"conditions":[{"type":"Failed","status":"True"}]}})") ==
        JobState::ended);
  CHECK(kubernetes::job_state(R"({"kind":"Job","status":{"conditions":[{"type":"Failed","status":"False"}]}})") ==
        JobState::running);
  CHECK(kubernetes::job_state("<html>") == JobState::unknown);
  const auto pods = kubernetes::ended_pods(
      R"({"items":[{"metadata":{"name":"a","annotations":{"batch.kubernetes.io/job-completion-index":"3"}},
      "status":{"phase":"Succeeded"}},{"metadata":{"name":"b"},"status":{"phase":"Running"}},
      {"metadata":{"name":"c"},"status":{"phase":"Succeeded"}}]})");
  REQUIRE(pods.has_value());
  REQUIRE(pods->size() == 2);
  CHECK(pods->front().name == "a");
  CHECK(pods->front().index == 3);
  CHECK(pods->back().index == 0);
  CHECK_FALSE(kubernetes::ended_pods("{}").has_value());
}

TEST_CASE("kubernetes: a record is the last line of a log that can be one", "[unit][controller]") {
  CHECK(kubernetes::record_in("warning\n{\"a\":1}\n{\"b\":2}\nbye\n") == "{\"b\":2}");
  CHECK(kubernetes::record_in("warning\n").empty());
  CHECK(kubernetes::complaint_in(R"({"kind":"Status","message":"jobs.batch is forbidden"})") ==
        "jobs.batch is forbidden");
  CHECK(kubernetes::complaint_in("<html>") == "<html>");
}
