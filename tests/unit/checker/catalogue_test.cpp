#include "checker/catalogue.h"

#include <fstream>
#include <iterator>
#include <string>

#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("checker: docs/checker.md names every model, with its levels", "[unit][checker]") {
  const std::string page = read_file(tests::source_dir() + "/docs/checker.md");
  for (const checker::ModelKind* kind : checker::catalogue()) {
    CAPTURE(kind->name);
    const std::size_t row = page.find("\n| `" + std::string(kind->name) + "` | `");
    REQUIRE(row != std::string::npos);
    std::size_t end = page.find("\n| `", row + 1);
    const std::string rows = page.substr(row, end == std::string::npos ? end : end - row);
    for (const std::string_view level : kind->levels)
      CHECK(rows.find("`" + std::string(level) + "`") != std::string::npos);
  }
}

TEST_CASE("checker: no two models have one name, and each says what its parameters are", "[unit][checker]") {
  for (const checker::ModelKind* kind : checker::catalogue()) {
    CAPTURE(kind->name);
    CHECK(*checker::find_model(kind->name) == kind);
    CHECK_FALSE(kind->doc.empty());
    CHECK_FALSE(kind->levels.empty());
    for (const checker::ModelParameter& parameter : kind->parameters) CHECK_FALSE(parameter.doc.empty());
  }
}
