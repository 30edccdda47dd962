#include "controller/report/run_record.h"

#include <algorithm>
#include <array>

#include <array>

namespace fracas::controller {

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 8> kNames{"pass",    "violated",      "undecided", "vacuous",
                                                   "aborted", "could not run", "bad input", "cleanup failed"};
  return kNames[static_cast<std::size_t>(outcome)];
}

int RunRecord::exit_code() const {
  if (expect_violated && outcome == Outcome::pass) return static_cast<int>(Outcome::violated);
  if (expect_violated && outcome == Outcome::violated) return static_cast<int>(Outcome::pass);
  return static_cast<int>(outcome);
}

int worse_exit_code(int a, int b) {
  constexpr std::array<int, 8> kBySeverity{0, 2, 3, 4, 5, 1, 6, 7};
  const auto rank = [&](int code) { return std::ranges::find(kBySeverity, code); };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace fracas::controller
