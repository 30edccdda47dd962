#include "checker/models/model.h"

#include <fmt/format.h>

#include <array>

namespace fracas::checker {
namespace {
constexpr std::array<std::string_view, 3> kModels{"register", "cas-register", "list-append"};
}

std::string_view name(Model model) {
  return kModels[static_cast<std::size_t>(model)];
}

Result<Model> parse_model(std::string_view text) {
  for (std::size_t i = 0; i < kModels.size(); ++i)
    if (kModels[i] == text) return static_cast<Model>(i);
  return failure(fmt::format("no model \"{}\"; there are {}", text, fmt::join(kModels, ", ")));
}

}  // namespace fracas::checker
