// Any bytes, read as an experiment: no crash, a refusal that says where, and what is accepted can be planned and
// written.
#include "controller/plan/timeline.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/fuzz/targets.h"

namespace fracas::fuzz {

void experiment_bytes(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  model::ReadOptions options;
  options.variable = [](const std::string&) { return std::nullopt; };
  const auto file = model::read_experiment_text(text, "input", options);
  if (!file) return ensure(file.error().message.find("input") != std::string::npos, "a refusal says where");
  const std::string written = model::to_toml(file->experiment());
  const auto again = model::read_experiment_text(written, "written", options);
  ensure(again.has_value() && model::to_toml(again->experiment()) == written, "what is written reads as the same");
  if (auto timeline = controller::plan(*file, 1)) ensure(timeline->total().count() >= 0, "time goes on");
}

}  // namespace fracas::fuzz
