#include <nlohmann/json.hpp>
#include <sstream>

#include "controller/page/assets.h"
#include "controller/report/effects_jsonl.h"
#include "controller/report/page_data.h"
#include "controller/report/report_html.h"
#include "controller/report/verdict_json.h"
#include "tests/catch/catch.h"
#include "tests/unit/controller/report_sample.h"

namespace fracas::controller {
namespace {

using nlohmann::json;

bool same(const model::FaultWindow& a, const model::FaultWindow& b) {
  if (a.id != b.id || a.name != b.name || a.kind != b.kind || a.description != b.description) return false;
  if (a.trigger != b.trigger || a.trigger_ns != b.trigger_ns) return false;
  if (a.start_ns != b.start_ns || a.end_ns != b.end_ns || a.effects.size() != b.effects.size()) return false;
  for (std::size_t i = 0; i < a.effects.size(); ++i)
    if (a.effects[i].host != b.effects[i].host || a.effects[i].mechanism != b.effects[i].mechanism ||
        a.effects[i].counters != b.effects[i].counters)
      return false;
  return true;
}

}  // namespace

TEST_CASE("effects.jsonl: what was written is what is read", "[unit][controller]") {
  auto faults = sample::faults();
  faults[0].description = "quotes \" and \\ and\nline breaks";
  faults[0].effects[0].counters.bytes = ~std::uint64_t{0};
  faults[1].trigger = "leader-elected: n3 leads";
  faults[1].trigger_ns = 77;
  std::istringstream in(write_effects(faults));
  const auto read = read_effects(in);
  REQUIRE(read);
  REQUIRE(read->size() == faults.size());
  for (std::size_t i = 0; i < faults.size(); ++i) CHECK(same((*read)[i], faults[i]));
}

TEST_CASE("effects.jsonl: a wrong line is named with its number and what is wrong", "[unit][controller]") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"\n{\n", "line 2: not a JSON object"},
      {"[]\n", "line 1: not a JSON object"},
      {"{}\n", "line 1: \"id\" is missing"},
      {R"({"id":3})", "line 1: \"id\" is not a text"},
      {R"({"id":"a","start":"x"})", "line 1: \"start\" is not a whole number of nanoseconds"},
      {R"({"id":"a","start":2,"end":1})", "line 1: \"end\" is before \"start\""},
      {R"({"id":"a","effects":3})", "line 1: \"effects\" is not a list"},
      {R"({"id":"a","effects":[3]})", "line 1: \"effects\" holds something other than objects"},
      {R"({"id":"a","effects":[{"affected":-1}]})", "line 1: \"affected\" is not a whole number from 0"},
  }));
  std::istringstream in(text);
  const auto read = read_effects(in);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == message);
}

TEST_CASE("effects.jsonl: unknown members and blank lines are ignored", "[unit][controller]") {
  std::istringstream in("\n{\"id\":\"a\",\"later\":true}\n\n");
  const auto read = read_effects(in);
  REQUIRE(read);
  CHECK(read->size() == 1);
}

TEST_CASE("effects.jsonl: the processes that a fault chose itself are kept", "[unit][controller]") {
  model::FaultWindow fault;
  fault.id = "a#1";
  fault.effects = {{.host = "n1", .mechanism = "pidfd", .counters = {}, .processes = {"etcd 7", "etcd 9"}}};
  const auto read = parse_fault_window(to_json_line(fault));
  REQUIRE(read);
  REQUIRE(read->effects.size() == 1);
  CHECK(read->effects[0].processes == fault.effects[0].processes);
  CHECK(parse_fault_window(R"({"id":"a","effects":[{"processes":"x"}]})").error().message ==
        "\"processes\" is not a list");
  CHECK(parse_fault_window(R"({"id":"a","effects":[{"processes":[3]}]})").error().message ==
        "\"processes\" holds something other than texts");
}

TEST_CASE("verdict.json: says outcome, proof and effects", "[unit][controller]") {
  const json verdict = json::parse(verdict_json(sample::violated()));
  CHECK(verdict["format"] == 1);
  CHECK(verdict["outcome"] == "violated");
  CHECK(verdict["expected"] == "pass");
  CHECK(verdict["exit_code"] == 1);
  CHECK(verdict["seed"] == 7);
  CHECK(verdict["versions"]["fracas"] == "0.1.0");
  CHECK(verdict["phases"]["faults"] == sample::at(3));
  const json& check = verdict["checks"][0];
  CHECK(check["kind"] == "linearizable");
  CHECK(check["verdict"] == "violated");
  CHECK(check["numbers"]["keys"] == 20);
  const json& operations = check["counterexample"]["operations"];
  REQUIRE(operations.size() == 5);
  CHECK(operations[1]["outcome"] == "info");
  CHECK(operations[1]["return"].is_null());
  CHECK(operations[4]["f"] == "read");
  CHECK(operations[4]["result"] == "40");
  CHECK(check["counterexample"]["fault_windows"] == json::array({"ring#1"}));
  CHECK(verdict["checks"][1]["counterexample"].is_null());
  CHECK(verdict["faults"][0]["had_effect"] == true);
  CHECK(verdict["faults"][0]["effects"][0]["mechanism"] == "tcx");
  const json& counts = verdict["operations"];
  CHECK(counts["invoked"] == counts["ok"].get<int>() + counts["fail"].get<int>() + counts["info"].get<int>());
}

TEST_CASE("verdict.json: a canary that was found exits 0", "[unit][controller]") {
  RunRecord record = sample::violated();
  record.expect_violated = true;
  const json verdict = json::parse(verdict_json(record));
  CHECK(verdict["outcome"] == "violated");
  CHECK(verdict["expected"] == "violated");
  CHECK(verdict["exit_code"] == 0);
  CHECK(verdict["verdict"] == "Violated, as expected");
}

TEST_CASE("verdict.json: bytes that are not UTF-8 do not stop it", "[unit][controller]") {
  RunRecord record;
  record.reason = "node said \xFF\xC0";
  record.checks.push_back(
      {"raft\xFF", checker::Verdict::violated, "\x80", {"\xF5"}, checker::Counterexample{}, {{"\xFFx", 0.0}}});
  record.checks[0].counterexample->events.push_back({.node = "a\"b", .peer = {}});
  CHECK(json::parse(verdict_json(record), nullptr, false).is_object());
}

TEST_CASE("page data: nothing in it can end the script it stands in", "[unit][controller]") {
  RunRecord record = sample::violated();
  record.name = "</script><!--";
  record.doc =
      "a\xE2\x80\xA8"
      "b\xE2\x80\xA9"
      "c \xFF";
  record.faults[0].description = "</SCRIPT >";
  const std::string data = page_data(record);
  CHECK(data.find('<') == std::string::npos);
  CHECK(data.find("\xE2\x80\xA8") == std::string::npos);
  CHECK(data.find("\xE2\x80\xA9") == std::string::npos);
  const json parsed = json::parse(data);
  CHECK(parsed["name"] == "</script><!--");
  CHECK(parsed["doc"] ==
        "a\xE2\x80\xA8"
        "b\xE2\x80\xA9"
        "c \xEF\xBF\xBD");
}

TEST_CASE("page data: columns have one length and times count from the warm-up", "[unit][controller]") {
  const json data = json::parse(page_data(sample::violated()));
  const json& operations = data["operations"];
  for (const char* column : {"start", "took", "outcome", "client", "node", "error", "says"})
    CHECK(operations[column].size() == operations["start"].size());
  CHECK(data["phases"][0]["start"] == 0);
  CHECK(data["phases"][1]["start"] == 3'000'000);
  CHECK(data["faults"][0]["start"] == 5'000'000);
  CHECK(data["lanes"].size() == 5);
  CHECK(data["checks"][0]["counterexample"]["operations"][1]["took"] == -1);
  CHECK(data["notices"].empty());
}

TEST_CASE("page data: a proof carries the orders that were tried and what acted meanwhile", "[unit][controller]") {
  const json shown = json::parse(page_data(sample::violated()))["checks"][0]["counterexample"];
  CHECK(shown["orders"][0]["order"][1]["holds"] == "41");
  CHECK(shown["orders"][0]["refusals"][0]["operation"] == 4);
  CHECK(shown["faults"][0]["start"] == 5'000'000);
  CHECK(shown["marks"][0]["at"] == 6'400'000);
  CHECK(shown["picture"] == "");  // the page draws operations itself, and only shows the picture of a circle
}

TEST_CASE("page assets: what the page asks for is there, and nothing else", "[unit][controller]") {
  const PageAsset* index = find_page_asset("/");
  REQUIRE(index != nullptr);
  for (const PageAsset& asset : page_assets()) {
    INFO(asset.path);
    CHECK(asset.body.size() > 100);
    CHECK((asset.path == "/" || index->body.find(asset.path) != std::string_view::npos));
  }
  CHECK(find_page_asset("/assets/../app.js") == nullptr);
}

TEST_CASE("page data: a history that makes no sense is reported, not drawn", "[unit][controller]") {
  RunRecord record = sample::passed();
  record.history = {
      {.time_ns = 1, .process = "c1", .type = model::EventType::ok, .key = {}, .value = {}, .node = {}, .error = {}}};
  const json data = json::parse(page_data(record));
  CHECK(data["operations"].is_null());
  CHECK(data["notices"].size() == 1);
}

TEST_CASE("report.html: one file that asks nobody for anything", "[unit][controller]") {
  RunRecord record = sample::violated();
  record.name = "</title><script>@DATA@ @SCRIPT@";
  const std::string html = report_html(record);
  for (const char* outside : {"https://", "src=\"", "<link rel=\"stylesheet", "@import", "url("}) {
    INFO(outside);
    CHECK(html.find(outside) == std::string::npos);
  }
  // The only addresses are the names of XML namespaces, which nobody fetches.
  for (auto at = html.find("http://"); at != std::string::npos; at = html.find("http://", at + 1))
    CHECK(html.substr(at, 18) == "http://www.w3.org/");
  CHECK(html.find("<title>&#60;/title&#62;&#60;script&#62;@DATA@ @SCRIPT@: Violated</title>") != std::string::npos);
  CHECK(html.find("default-src 'none'") != std::string::npos);
  CHECK(html.find("script-src 'sha256-") != std::string::npos);
}

}  // namespace fracas::controller
