#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checker/model_kind.h"

namespace fracas::checker {

// A data type that a user wrote down as a table: which operation leads from which state to which, with which answer.
struct Transitions {
  // What a row says about an argument or a result; nothing = whatever it is. monostate = there must be none.
  using Expected = std::optional<std::variant<std::monostate, bool, std::int64_t, std::string>>;
  struct Row {
    std::string function;             // as histories name it
    std::vector<std::uint32_t> from;  // states, ascending; empty = all
    std::optional<std::uint32_t> to;  // nothing = the state stays
    Expected argument, result;
  };

  std::string name;
  std::vector<std::string> states;  // by number; 0 is the initial one
  std::vector<Row> rows;            // the first that fits is the one that counts
  bool by_key = true;               // operations on different keys have nothing to do with each other
};

// Does the history behave like the table, at the request's level "linearizable"? A failed operation did not happen.
// ERRORS: "event N: …" where the table has no such function; another level.
Result<CheckResult> check_transitions(const History& history, const Transitions& transitions, const Request& request);

}  // namespace fracas::checker
