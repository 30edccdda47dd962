#include "controller/report/run_record.h"

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

}  // namespace fracas::controller
