#include "tests/unit/gameday/sample_plan.h"

#include <fmt/format.h>

#include "tests/catch/catch.h"

namespace fracas::tests {

using namespace controller::gameday;

ReadExperiment sample_library() {
  return [](const std::string& file, const std::vector<std::string>& overrides) -> Result<LibraryExperiment> {
    if (file == "missing.toml") return failure(file + ": No such file or directory");
    std::string toml = file;
    for (const std::string& each : overrides) toml += "\n" + each;
    return LibraryExperiment{.name = file.substr(0, file.find('.')),
                             .violation_expected = file.starts_with("canary"),
                             .length = std::chrono::seconds(10),
                             .toml = toml};
  };
}

Result<Plan> read_sample(const std::string& text) {
  const std::chrono::sys_seconds now =
      std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(12);
  return read_plan(text, "day.toml", sample_library(), now);
}

Plan sample_plan(const std::string& name, const std::string& more) {
  auto plan = read_sample(
      fmt::format("name = \"{}\"\n{}\n[[experiment]]\nfile = \"first.toml\"\n[[experiment]]\nfile = \"second.toml\"\n",
                  name, more));
  if (!plan) FAIL(plan.error().message);
  return *std::move(plan);
}

}  // namespace fracas::tests
