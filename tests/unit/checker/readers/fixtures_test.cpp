#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "checker/catalogue.h"
#include "checker/fitting_models.h"
#include "checker/readers/reading.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"
#include "tests/unit/checker/readers/read_text.h"

using namespace fracas;
using namespace fracas::checker;

namespace {

struct Case {
  std::string_view file;
  std::string_view model;
  Verdict verdict;
  std::optional<FailMeans> fail = {};
  bool keyed = false;
};

Result<Reading> read_fixture(const Case& each) {
  std::ifstream in(fracas::tests::source_dir() + "/tests/unit/checker/histories/" + std::string(each.file));
  const std::string text(std::istreambuf_iterator<char>(in), {});
  ReadOptions options;
  options.keyed_values = each.keyed;
  return checker::tests::read_text(text, options);
}

}  // namespace

TEST_CASE("readers: histories of every format get the verdict they deserve", "[unit][checker]") {
  const auto each = GENERATE(Case{"stale-read.jsonl", "register", Verdict::violated},
                             Case{"late-write.jsonl", "register", Verdict::pass},
                             Case{"failed-cas.log", "cas-register", Verdict::violated},
                             Case{"failed-cas.log", "cas-register", Verdict::pass, FailMeans::did_not_happen},
                             Case{"independent-cas.edn", "cas-register", Verdict::pass, {}, true},
                             Case{"append.csv", "list-append", Verdict::violated});
  INFO(each.file);
  const auto reading = read_fixture(each);
  REQUIRE(reading);
  Request request;
  request.fail = each.fail.value_or(fail_meaning(reading->format));
  const auto model = find_model(each.model);
  REQUIRE(model);
  const auto result = check(reading->history, **model, request);
  REQUIRE(result);
  CHECK(result->verdict == each.verdict);
}

TEST_CASE("readers: the models that fit are those that know all functions of the history", "[unit][checker]") {
  const auto fitting = [](std::string_view file) {
    auto reading = read_fixture({file, "", Verdict::pass});
    REQUIRE(reading);
    const std::size_t operations = reading->history.operations.size();
    std::vector<std::string> names;
    for (const ModelKind* kind : fitting_models(reading->history)) names.emplace_back(kind->name);
    CHECK(reading->history.operations.size() == operations);
    return names;
  };
  const auto has = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  CHECK(has(fitting("stale-read.jsonl"), "register"));
  CHECK(has(fitting("failed-cas.log"), "cas-register"));
  CHECK_FALSE(has(fitting("failed-cas.log"), "register"));
  CHECK_FALSE(has(fitting("append.csv"), "register"));
}
