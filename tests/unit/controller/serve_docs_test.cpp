#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "controller/serve/metrics.h"
#include "controller/serve/routes.h"
#include "controller/store/database.h"
#include "lib/model/api_docs.h"
#include "lib/os/file.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

std::set<std::string> names_in(const std::string& text) {
  static const std::regex kName("(fracas|process)_[a-z_]+");
  std::set<std::string> names;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), kName); found != std::sregex_iterator(); ++found)
    names.insert(found->str());
  return names;
}

// Without what a histogram adds to its name.
std::string family_of(std::string name) {
  for (const std::string suffix : {"_bucket", "_sum", "_count"})
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  return name;
}

}  // namespace

TEST_CASE("metrics: each is documented, and what the documentation and the dashboard name is there", "[unit][serve]") {
  const auto database = std::move(*Database::open(":memory:"));
  RunControl runs(*database, {});
  Metrics metrics(runs, *database);
  metrics.answered("GetMe", 200, 0.002);
  const auto text = metrics.text();
  REQUIRE(text.has_value());
  CHECK(text->find("fracas_http_requests_total{code=\"200\",endpoint=\"GetMe\"} 1") != std::string::npos);
  std::set<std::string> there;
  static const std::regex kType("# TYPE ([a-z_]+) ");
  for (auto found = std::sregex_iterator(text->begin(), text->end(), kType); found != std::sregex_iterator(); ++found)
    there.insert((*found)[1]);
  CHECK(there.size() >= 11);
  std::set<std::string> documented = names_in(*os::read_file(tests::source_dir() + "/docs/metrics.md"));
  std::erase_if(documented, [](const std::string& name) { return name.starts_with("fracas_agent_"); });
  CHECK(documented == there);
  const std::string dashboard = *os::read_file(tests::source_dir() + "/deploy/grafana/fracas.json");
  REQUIRE(nlohmann::json::accept(dashboard));
  for (const std::string& name : names_in(dashboard)) {
    CAPTURE(name);
    CHECK(there.contains(family_of(name)));
  }
}

TEST_CASE("openapi: it has every endpoint, and every reference leads somewhere", "[unit][serve]") {
  const std::string text = model::api_openapi("0");
  const auto document = nlohmann::json::parse(text);
  CHECK(document["openapi"] == "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, verbs] : document["paths"].items()) operations += verbs.size();
  CHECK(operations == routes().size());
  static const std::regex kReference(R"re("#/components/schemas/(\w+)")re");
  for (auto found = std::sregex_iterator(text.begin(), text.end(), kReference); found != std::sregex_iterator();
       ++found) {
    CAPTURE((*found)[1].str());
    CHECK(document["components"]["schemas"].contains((*found)[1].str()));
  }
  const auto& run = document["components"]["schemas"]["Run"]["properties"];
  CHECK(run.contains("verdict"));  // of the summary, whose members stand in the run itself
  CHECK(run.contains("checks"));
  CHECK_FALSE(run.contains("summary"));
  CHECK(document["paths"]["/api/v1/runs/{id}/files/{path}"]["get"]["parameters"].size() == 2);
}
