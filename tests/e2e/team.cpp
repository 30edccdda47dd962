#include "tests/e2e/team.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace fracas::test {

using nlohmann::json;

Team::Team(const Scratch& scratch, Tokens known) : scratch_(scratch), controller_(scratch), tokens_(std::move(known)) {
  if (!tokens_.empty()) return;
  for (const auto& [name, role] :
       Tokens{{"olga", "operator"}, {"ann", "approver"}, {"vera", "viewer"}, {"root", "admin"}})
    tokens_[name] = controller_.add_user(name, role);
}

Ended Team::says(const std::string& who, std::vector<std::string> words) const {
  ::setenv("FRACAS_SERVER", fmt::format("http://127.0.0.1:{}", controller_.port()).c_str(), 1);
  ::setenv("FRACAS_TOKEN", tokens_.at(who).c_str(), 1);
  words.insert(words.begin(), "gameday");
  return run(scratch_, words);
}

Ended Team::submits(const std::string& who, const std::string& plan) const {
  const auto file = scratch_.path() / "plan.toml";
  std::ofstream(file) << plan;
  return says(who, {"plan", file.string(), "--submit"});
}

json Team::sees(const std::string& who, const std::string& day) const {
  return controller_.get("/api/v1/gamedays/" + day, tokens_.at(who)).json;
}

std::string drill(const std::string& more, const std::string& pause) {
  const std::string simulated = "set = [\"world.kind=sim\", \"seed=7\"]\n";
  return "name = \"drill\"\ndoc = \"Does anybody see it?\"\n" + more +
         "[[experiment]]\nfile = \"raft/kill-leader.toml\"\npause = \"" + pause + "\"\n" + simulated +
         "[[experiment]]\nfile = \"raft/lossy-slow.toml\"\n" + simulated;
}

bool is(const json& day, const char* state) {
  return day.value("state", "") == state;
}

bool has(const json& day, const std::string& kind) {
  return std::ranges::any_of(day["timeline"], [&](const json& entry) { return entry["kind"] == kind; });
}

}  // namespace fracas::test
