#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/history.h"

// The data types that the search is tried with, as simple as can be, and without a look at the engines.
namespace fracas::fuzz {

// What one step of a script may ask: a function, and what kind of argument it takes and answer it gives.
enum class Shape : std::uint8_t { nothing, value, pair, letter, list };
struct Question {
  std::string_view function;
  Shape argument = Shape::nothing;
  Shape answer = Shape::nothing;
};

// A register's value, the elements of a container, or the text of a key in letters.
using State = std::vector<checker::Value>;

struct Reference {
  std::string_view model;  // of the checker's catalogue
  std::vector<Question> questions;
  State initial;
  // Does the operation, whose outcome is not known or ok, fit `state`? Then `state` becomes the one after it.
  bool (*apply)(const checker::History& history, const checker::Operation& operation, State& state);
};

std::vector<Reference> references();

// Tries every order of the operations that may have happened, at most 32, or of those chosen. `mismatch`: a failed cas
// saw another value; else all that failed did not happen.
using Choice = std::function<bool(const checker::Operation&)>;
bool some_order_fits(const checker::History& history, const Reference& reference, bool mismatch,
                     const Choice& choice = {});

// Why this order, of Witness::invocations, does not explain every answer; empty where it does.
std::string refute_order(const checker::History& history, const Reference& reference, bool mismatch,
                         std::span<const std::uint32_t> invocations);

}  // namespace fracas::fuzz
