#include "checker/weak/seconds.h"

#include <fmt/format.h>

#include "lib/base/quantity.h"

namespace fracas::checker::weak {

Result<std::optional<std::int64_t>> seconds_parameter(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  const bool bare = text->find_first_not_of("0123456789.") == std::string_view::npos;
  const auto duration = parse_duration(bare ? std::string(*text) + "s" : std::string(*text));
  if (!duration || duration->count() < 0)
    return failure(fmt::format("{} is \"{}\", not a time in seconds like 1.5, or like 250ms", name, *text));
  return duration->count();
}

}  // namespace fracas::checker::weak
