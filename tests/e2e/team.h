#pragma once
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/e2e/controller.h"

namespace fracas::test {

// A controller and the people who use it, each by the command line: olga, an operator; ann, an approver; vera, a
// viewer; root, an admin.
class Team {
 public:
  using Tokens = std::map<std::string, std::string>;

  // `known`: those of an earlier controller of that folder.
  explicit Team(const Scratch& scratch, Tokens known = {});

  // `fracas gameday WORDS`.
  Ended says(const std::string& who, std::vector<std::string> words) const;
  Ended submits(const std::string& who, const std::string& plan) const;
  nlohmann::json sees(const std::string& who, const std::string& day) const;
  // What they see as soon as the condition holds of it; null if it never does.
  template <typename Condition>
  nlohmann::json waits(const std::string& who, const std::string& day, std::chrono::seconds patience,
                       const Condition& condition) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      const nlohmann::json now = sees(who, day);
      if (condition(now)) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }

  const std::string& token(const std::string& who) const { return tokens_.at(who); }
  const Tokens& tokens() const { return tokens_; }
  Controller& controller() { return controller_; }

 private:
  const Scratch& scratch_;
  Controller controller_;
  Tokens tokens_;
};

// The plan "drill" with these further keys: two simulated runs with that pause between them.
std::string drill(const std::string& more, const std::string& pause = "2s");

// Whether a game day is in that state; whether its timeline has an entry of that kind.
bool is(const nlohmann::json& day, const char* state);
bool has(const nlohmann::json& day, const std::string& kind);

}  // namespace fracas::test
