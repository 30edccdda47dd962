#include <cctype>
#include <string>
#include <vector>

#include "controller/report/junit.h"
#include "tests/catch/catch.h"
#include "tests/unit/controller/report_sample.h"

namespace fracas::controller {
namespace {

// A strict little reader of what the writer may produce: elements, attributes in double quotes, character references.
// Returns what is wrong first, or nothing.
std::string malformed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t at = 0;
  const std::string prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  if (!xml.starts_with(prolog)) return "no prolog";
  for (at = prolog.size(); at < xml.size();) {
    if (xml[at] != '<') {
      const auto byte = static_cast<unsigned char>(xml[at]);
      if (byte < 0x20 && byte != '\n') return "control character";
      if (xml[at] == '>' || xml[at] == '"') return "unescaped character in text";
      if (xml[at] == '&' && xml.find(';', at) > at + 5) return "bad reference";
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return "unclosed tag";
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return "tag in tag";
    at = end + 1;
    if (tag.starts_with("/")) {
      if (open.empty() || open.back() != tag.substr(1)) return "closes " + tag;
      open.pop_back();
      continue;
    }
    std::size_t quotes = 0;
    for (char c : tag) quotes += c == '"' ? 1 : 0;
    if (quotes % 2 != 0) return "odd quotes in " + tag;
    if (!tag.ends_with("/")) open.push_back(tag.substr(0, tag.find(' ')));
  }
  return open.empty() ? "" : "open: " + open.back();
}

bool has(const std::string& xml, const std::string& text) {
  return xml.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("junit: escaping leaves nothing that XML cannot hold", "[unit][controller]") {
  const auto [text, escaped] = GENERATE(table<std::string, std::string>({
      {"a<b>&\"'", "a&#60;b&#62;&#38;&#34;&#39;"},
      {"]]>", "]]&#62;"},
      {std::string("\0\x01\x1B\x7F", 4), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x7F"},
      {"\t\r\n", "&#9;&#13;&#10;"},
      {"\xFF\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xED\xA0\x80", "\xEF\xBF\xBD"},
      {"\xEF\xBF\xBE", "\xEF\xBF\xBD"},
      {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xE2\x82\xAC \xF0\x9F\x94\xA5", "\xE2\x82\xAC \xF0\x9F\x94\xA5"},
  }));
  CHECK(xml_escape(text) == escaped);
}

TEST_CASE("junit: a passed run has one passing case a check, fault and clean-up", "[unit][controller]") {
  const std::string xml = junit_xml(sample::passed());
  CHECK(malformed(xml) == "");
  CHECK(has(xml, R"(tests="9" failures="0" errors="0" skipped="0" time="43.000")"));
  CHECK(has(xml, "timestamp=\"2025-03-14T09:26:53\""));
  CHECK(has(xml, "name=\"check: raft\""));
  CHECK(has(xml, "name=\"fault: ring#1 had an effect\""));
  CHECK(has(xml, "name=\"clean-up\""));
}

TEST_CASE("junit: a violation fails the verdict and its check, with the proof", "[unit][controller]") {
  const std::string xml = junit_xml(sample::violated());
  CHECK(malformed(xml) == "");
  CHECK(has(xml, R"(failures="2" errors="0")"));
  CHECK(has(xml, "read k7 → 40"));
}

TEST_CASE("junit: an expected violation passes, a missing one fails", "[unit][controller]") {
  RunRecord record = sample::violated();
  record.expect_violated = true;
  CHECK(has(junit_xml(record), R"(failures="0" errors="0")"));
  record = sample::passed();
  record.expect_violated = true;
  CHECK(has(junit_xml(record), R"(failures="1" errors="0")"));
}

TEST_CASE("junit: a fault without effect fails, or is skipped where the run was cut short", "[unit][controller]") {
  RunRecord record = sample::passed();
  record.faults[0].effects.clear();
  record.outcome = Outcome::vacuous;
  CHECK(has(junit_xml(record), R"(failures="2" errors="0" skipped="0")"));
  record.outcome = Outcome::aborted;
  CHECK(has(junit_xml(record), R"(failures="0" errors="1" skipped="1")"));
}

TEST_CASE("junit: what was left behind is an error, and an undecided check too", "[unit][controller]") {
  RunRecord record = sample::passed();
  record.outcome = Outcome::cleanup_failed;
  record.leftovers = {"cgroup a", "link b"};
  CHECK(has(junit_xml(record), "cgroup a&#10;link b"));
  CHECK(has(junit_xml(record), R"(failures="1" errors="1")"));
  record = sample::passed();
  record.outcome = Outcome::undecided;
  record.checks[0].verdict = checker::Verdict::undecided;
  CHECK(has(junit_xml(record), R"(failures="1" errors="1")"));
}

TEST_CASE("junit: nasty names stay well-formed", "[unit][controller]") {
  const std::string nasty("<a b=\"c\">&amp;]]>\x1B[31m\x00\xFF\n--><!--'", 38);
  RunRecord record = sample::violated();
  record.name = record.reason = record.target = record.started_at = nasty;
  record.faults[0].id = record.faults[0].description = nasty;
  record.checks[0].kind = record.checks[0].summary = nasty;
  record.checks[0].counterexample->key = nasty;
  record.checks[0].numbers[nasty] = 1;
  record.leftovers = {nasty};
  CHECK(malformed(junit_xml(record)) == "");
}

}  // namespace fracas::controller
