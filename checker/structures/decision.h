#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/linearizability/finding.h"

namespace fracas::checker {

// What a decision procedure of one data type says about the operations of one object. Numbers of operations are
// indexes into History::operations.
struct Decision {
  Linearizable answer = Linearizable::yes;
  std::string sentence;  // no: what cannot be, for people; unknown: why the procedure does not apply
  // no: operations that no order explains, in any order. They stay impossible when the rest of the history is left
  // out, because what is left out only takes values or permits that these do not name.
  std::vector<std::uint32_t> proof;
  // yes: an order in which all acknowledged operations can have taken effect; empty where the procedure gives none.
  std::vector<std::uint32_t> witness;
  // Numbers worth telling, by name; those of all objects are added up.
  std::vector<std::pair<std::string_view, double>> counts;

  static Decision refuse(std::string sentence, std::vector<std::uint32_t> proof) {
    return {Linearizable::no, std::move(sentence), std::move(proof), {}, {}};
  }
  static Decision give_up(std::string why) { return {Linearizable::unknown, std::move(why), {}, {}, {}}; }
};

}  // namespace fracas::checker
