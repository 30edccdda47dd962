#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fracas::node {

// The switches of a struct of bools, by the names that users write.
template <typename Switches, std::size_t N>
using SwitchNames = std::array<std::pair<std::string_view, bool Switches::*>, N>;

template <typename Switches, std::size_t N>
std::vector<std::string> names_of(const SwitchNames<Switches, N>& all) {
  std::vector<std::string> names;
  for (const auto& [name, field] : all) names.emplace_back(name);
  return names;
}

// Switches one on. False if there is none of that name.
template <typename Switches, std::size_t N>
bool switch_on(const SwitchNames<Switches, N>& all, Switches& switches, std::string_view name) {
  for (const auto& [known, field] : all) {
    if (known != name) continue;
    switches.*field = true;
    return true;
  }
  return false;
}

}  // namespace fracas::node
