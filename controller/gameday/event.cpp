#include "controller/gameday/event.h"

#include <array>

namespace fracas::controller::gameday {

std::string_view text_of(Happening what) {
  constexpr std::array<std::string_view, 8> kTexts{"approved",  "started", "run-ended", "detected",
                                                   "mitigated", "stopped", "done",      "missed"};
  return kTexts.at(static_cast<std::size_t>(what));
}

}  // namespace fracas::controller::gameday
