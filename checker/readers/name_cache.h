#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fracas::checker {

// Remembers what short names stand for: the few processes, nodes and functions of a history cost no look-up in a map
// for each of its events. Longer or rarer names are simply not remembered.
class NameCache {
 public:
  std::optional<std::uint32_t> find(std::string_view name) const {
    const std::uint64_t packed = pack(name);
    const Slot& slot = slots_[place(packed)];
    if (packed == 0 || slot.name != packed) return std::nullopt;
    return slot.id;
  }
  void put(std::string_view name, std::uint32_t id) {
    const std::uint64_t packed = pack(name);
    if (packed != 0) slots_[place(packed)] = {packed, id};
  }

 private:
  static constexpr unsigned kSlotBits = 9;
  struct Slot {
    std::uint64_t name = 0;  // up to seven bytes and their number; 0 = empty
    std::uint32_t id = 0;
  };
  static std::uint64_t pack(std::string_view name) {
    if (name.size() > 7) return 0;
    std::uint64_t packed = name.size();
    for (const char c : name) packed = (packed << 8U) | static_cast<unsigned char>(c);
    return packed;
  }
  static std::size_t place(std::uint64_t packed) { return (packed * 0x9E3779B97F4A7C15U) >> (64U - kSlotBits); }

  std::array<Slot, std::size_t{1} << kSlotBits> slots_{};
};

}  // namespace fracas::checker
