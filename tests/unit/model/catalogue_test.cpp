#include "lib/model/catalogue.h"

#include <set>

#include "lib/model/experiment.h"
#include "tests/catch/catch.h"

using namespace fracas::model;

namespace {

constexpr Section kSections[] = {Section::fault, Section::workload, Section::target, Section::check, Section::probe};

void check_documented(const std::vector<FieldDoc>& fields) {
  for (const FieldDoc& key : fields) {
    CAPTURE(key.name);
    CHECK_FALSE(key.doc.empty());
    CHECK_FALSE(key.doc.ends_with('.'));
    CHECK_FALSE(key.type.empty());
    CHECK_FALSE((key.required && !key.default_value.empty()));
    for (const ValueDoc& value : key.values) CHECK_FALSE(value.doc.empty());
  }
}

// A file around an example of one section, with the other parts an experiment must have.
std::string completed(const KindDoc& kind) {
  std::string text = "name = \"example\"\nduration_max = \"2m\"\n";
  if (kind.section != Section::target) text += "[target]\nkind = \"raft\"\n";
  if (kind.section != Section::workload) text += "[workload]\nkind = \"register\"\n";
  if (kind.kind == "external")  // nothing starts it, so it is for fleets alone
    text += "[world]\nkind = \"fleet\"\n[[world.host]]\nname = \"db1\"\naddress = \"10.0.0.1:7600\"\n";
  return text + kind.example;
}

}  // namespace

TEST_CASE("catalogue: every kind and key is documented", "[unit][model]") {
  for (const Section section : kSections) {
    check_documented(common_fields(section));
    std::set<std::string> names;
    for (const KindDoc& kind : kinds(section)) {
      CAPTURE(kind.kind);
      CHECK(names.insert(kind.kind).second);
      CHECK_FALSE(kind.doc.empty());
      CHECK_FALSE(kind.example.empty());
      CHECK(kind.counters.empty() == (section != Section::fault));
      check_documented(kind.fields);
    }
    CHECK_FALSE(names.empty());
  }
}

TEST_CASE("catalogue: every example is a valid part of an experiment", "[unit][model]") {
  ReadOptions options;
  options.bugs_known = {{"raft", {"stale-read"}}, {"quorum", {"no-write-back"}}};
  for (const Section section : kSections) {
    for (const KindDoc& kind : kinds(section)) {
      const auto read = read_experiment_text(completed(kind), "example.toml", options);
      if (!read) FAIL_CHECK(kind.kind << ": " << read.error().message);
    }
  }
}

TEST_CASE("catalogue: no key of a kind hides one that all of its section have", "[unit][model]") {
  for (const Section section : {Section::fault, Section::workload, Section::check, Section::probe}) {
    std::set<std::string> common{"kind"};
    for (const FieldDoc& key : common_fields(section)) common.insert(key.name);
    for (const KindDoc& kind : kinds(section))
      for (const FieldDoc& key : kind.fields) CHECK_FALSE(common.contains(key.name));
  }
}

TEST_CASE("catalogue: an explanation names range, default and example", "[unit][model]") {
  const auto text = explain("net.delay");
  REQUIRE(text.has_value());
  for (const char* part :
       {"fault net.delay: delays packets that leave the victim", "duration, 100us to 60s, required", "default 0s",
        "counts: packets in scope", "keys of every fault", "  kind   = \"net.delay\""}) {
    CAPTURE(part);
    CHECK(text->find(part) != std::string::npos);
  }
}

TEST_CASE("catalogue: a name of two things explains both, an unknown one suggests", "[unit][model]") {
  const std::string both = explain("raft").value();
  CHECK(both.find("target raft:") != std::string::npos);
  CHECK(both.find("check raft:") != std::string::npos);
  CHECK(explain("net.dealy").error().message == "there is no \"net.dealy\"; did you mean \"net.delay\"?");
}
