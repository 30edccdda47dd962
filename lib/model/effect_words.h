#pragma once
#include <string>
#include <string_view>

namespace fracas::model {

// What a fault of a kind does to each thing that it affects, from `effect` of its message: "dropped" "packet",
// "shifted the clock of" "process". Both empty for a kind that the model does not know.
struct EffectWords {
  std::string verb;
  std::string thing;  // in the singular
};
EffectWords effect_words(std::string_view kind);

}  // namespace fracas::model
