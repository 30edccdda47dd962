#include "lib/model/mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lib/base/ensure.h"

namespace fracas::model {

std::string Place::text() const {
  return line == 0 ? source : fmt::format("{}:{}:{}", source, line, column);
}

void Mistakes::add(const Place& place, std::string_view what) {
  mistakes_.push_back(Mistake{.place = place, .what = std::string(what)});
}

Error Mistakes::error() const {
  std::vector<const Mistake*> sorted;
  for (const Mistake& mistake : mistakes_) sorted.push_back(&mistake);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Mistake* left, const Mistake* right) {
    const auto key = [](const Place& place) { return std::make_tuple(place.line == 0, place.line, place.column); };
    return key(left->place) < key(right->place);
  });
  std::string lines;
  for (const Mistake* mistake : sorted) {
    if (!lines.empty()) lines += '\n';
    lines += mistake->place.text() + ": " + mistake->what;
  }
  return Error{.message = std::move(lines)};
}

const Place& Places::find(std::string_view path) const {
  for (;;) {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
    ensure(!path.empty(), "the place of the whole document is known");
    const std::size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
}

}  // namespace fracas::model
