#include "checker/verdict.h"

#include <array>

namespace fracas::checker {

std::string_view name(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames{"pass", "violated", "undecided"};
  return kNames[static_cast<std::size_t>(verdict)];
}

}  // namespace fracas::checker
